"""What the answers of a whole class say together: how hard questions are, mistakes without a name, answers alike."""

// Self-check questions. The page already holds every feedback (in a <details> beside its option, for
// readers without JavaScript); this shows that of the chosen option when "Check" is pressed.
"use strict";

for (const form of document.querySelectorAll("form.quiz")) {
  const result = form.querySelector(".quiz-result");
  const button = form.querySelector(".quiz-check");
  form.classList.add("quiz-ready");
  button.disabled = button.hidden = false;

  const clear = () => {
    result.replaceChildren();
    delete result.dataset.verdict;
  };

  form.addEventListener("change", clear);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clear();
    const chosen = form.querySelector("input:checked");
    if (!chosen) {
      result.textContent = "Choose an answer first.";
      return;
    }
    const option = chosen.closest(".quiz-option");
    const feedback = option.querySelector(".quiz-feedback > div").cloneNode(true);
    for (const element of feedback.querySelectorAll("[id]")) element.removeAttribute("id");
    const right = option.dataset.right === "true";
    result.dataset.verdict = right ? "right" : "wrong";
    result.append(feedback);
    form.dispatchEvent(new CustomEvent("quiz-answered", { bubbles: true, detail: { right } })); // progress.js
  });
}

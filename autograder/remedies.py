"""What a machine lacks for the wall, and how to get it."""

from __future__ import annotations

from collections.abc import Mapping

LANDLOCK = (
    "Landlock. It takes Linux 5.13 or newer, with landlock among the security modules that "
    "/sys/kernel/security/lsm lists: add it to lsm= on the kernel's command line."
)
SECCOMP = "seccomp. It takes a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or ARM64."
NAMESPACES = (
    "namespaces. On Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; on Debian: "
    "sysctl kernel.unprivileged_userns_clone=1; a container mostly has none, by its engine's choice."
)


def remedies(layers: Mapping[str, object]) -> list[str]:
    """One text for each layer of the wall that does not hold, as a student process reports them, most needed first."""
    needed = {"landlock": LANDLOCK, "seccomp": SECCOMP, "namespaces": NAMESPACES}
    return [text for layer, text in needed.items() if not layers.get(layer)]

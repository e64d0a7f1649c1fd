// What a reader has done: book pages read to the end, questions answered, exercises opened. It is kept in this browser
// and sent nowhere. The table of contents shows it, and the button below the contents clears it.
"use strict";

{
  const root = new URL(document.documentElement.dataset.content_root || "./", document.baseURI);
  const key = `course-progress:${root.pathname}`;
  const kept = !window.localStorageIsBlocked;
  const links = [...document.querySelectorAll(".bd-docs-nav a.reference.internal")];
  const quizzes = [...document.querySelectorAll("form.quiz")];
  const here = pageOf(location.href);
  let state = load();

  function pageOf(address) {
    const path = new URL(address).pathname;
    const name = path.startsWith(root.pathname) ? path.slice(root.pathname.length) : path;
    return name.replace(/\.html$/, "").replace(/(^|\/)$/, "$1index");
  }

  function load() {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(key));
    } catch {
      // Not readable: as if there were nothing.
    }
    const part = (name) => (found && typeof found[name] === "object" && found[name]) || {};
    return { read: part("read"), opened: part("opened"), questions: part("questions"), answered: part("answered") };
  }

  function change(what) {
    state = load();
    what(state);
    try {
      localStorage.setItem(key, JSON.stringify(state));
    } catch {
      // The storage is full. This page still shows it.
    }
    show();
  }

  const isExercise = (page) => page.startsWith("exercises/");
  const isForStudents = (page) => !page.startsWith("book/guides/");
  const answers = (page) => Object.values(state.answered[page] || {});

  function mark(element, signs, words) {
    element.querySelector(":scope > .course-mark")?.remove();
    if (!words.length) return;
    const box = document.createElement("span");
    box.className = "course-mark";
    box.title = words.join(", ");
    const seen = document.createElement("span");
    seen.ariaHidden = "true";
    seen.textContent = signs.join(" ");
    const heard = document.createElement("span");
    heard.className = "visually-hidden";
    heard.textContent = ` (${words.join(", ")})`;
    box.append(seen, heard);
    element.append(" ", box);
  }

  function show() {
    const pages = new Set(links.map((link) => pageOf(link.href)));
    for (const link of links) {
      const page = pageOf(link.href);
      const [signs, words] = [[], []];
      if (state.read[page]) {
        signs.push("✓");
        words.push("read to the end");
      }
      if (state.opened[page]) {
        signs.push("◐");
        words.push("opened");
      }
      if (answers(page).length) {
        const total = Math.max(state.questions[page] || 0, answers(page).length);
        signs.push(`${answers(page).length}/${total}`);
        words.push(`${answers(page).length} of ${total} questions answered`);
      }
      mark(link, signs, words);
    }
    for (const quiz of quizzes) {
      const verdict = (state.answered[here] || {})[quiz.id];
      const title = quiz.querySelector(".quiz-title");
      if (title) title.textContent = verdict ? `Question, answered ${verdict}` : "Question";
    }
    const count = (test) => [...pages].filter(test).length;
    const book = count((page) => !isExercise(page) && isForStudents(page));
    const read = count((page) => state.read[page] && isForStudents(page));
    const opened = count((page) => state.opened[page]);
    const answered = [...pages].reduce((sum, page) => sum + answers(page).length, 0);
    status.textContent =
      `${read} of ${book} pages read, ${answered} ${answered === 1 ? "question" : "questions"} answered, ` +
      `${opened} ${opened === 1 ? "exercise" : "exercises"} opened.`;
  }

  function foot() {
    const box = document.createElement("section");
    box.className = "course-progress";
    box.setAttribute("aria-label", "Your progress");
    box.innerHTML =
      '<p class="course-progress-title">Your progress</p><p class="course-progress-status"></p>' +
      '<p class="course-progress-key"><span aria-hidden="true">✓</span> read to the end, ' +
      '<span aria-hidden="true">◐</span> exercise opened, 2/5 questions answered. <span></span></p>' +
      '<button type="button" class="course-progress-clear">Clear my progress</button> <span role="status"></span>';
    box.querySelector(".course-progress-key > :last-child").textContent = kept
      ? "Kept in this browser and sent nowhere."
      : "Your browser keeps nothing for this site, so this is forgotten when you leave the page.";
    box.querySelector("button").addEventListener("click", () => {
      if (!window.confirm("Forget which pages you read, which questions you answered and which exercises you opened?"))
        return;
      change((all) => Object.keys(all).forEach((name) => (all[name] = {})));
      box.querySelector("[role=status]").textContent = "Cleared.";
    });
    document.querySelector(".sidebar-primary-items__end")?.append(box);
    return box.querySelector(".course-progress-status");
  }

  const status = foot();
  show();

  // Only what stands in the table of contents counts: not the search page, nor a page that does not exist.
  if (links.some((link) => pageOf(link.href) === here)) {
    const article = document.querySelector("article.bd-article");
    if (article && !isExercise(here) && "IntersectionObserver" in window) {
      const end = document.createElement("div");
      end.className = "course-end";
      article.append(end);
      let timer = 0;
      const observer = new IntersectionObserver(([entry]) => {
        clearTimeout(timer);
        if (!entry.isIntersecting || state.read[here]) return;
        timer = setTimeout(() => change((all) => (all.read[here] = true)), 1000);
      });
      observer.observe(end);
    }
    for (const button of document.querySelectorAll(".exercise-head a.exercise-button")) {
      const opened = () => change((all) => (all.opened[here] = true));
      button.addEventListener("click", opened);
      button.addEventListener("auxclick", opened);
    }
    document.addEventListener("quiz-answered", (event) => {
      change((all) => {
        (all.answered[here] ??= {})[event.target.id] = event.detail.right ? "right" : "wrong";
        all.questions[here] = quizzes.length;
      });
    });
  }

  // Another tab, or the way back to this page.
  const again = () => {
    state = load();
    show();
  };
  window.addEventListener("storage", again);
  window.addEventListener("pageshow", (event) => event.persisted && again());
}

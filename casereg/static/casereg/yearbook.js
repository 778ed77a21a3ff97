// The yearbook's tables: sorted by a column, copied in one go, and told when they are wider than the page.
// Without this they stand as they were printed.
"use strict";

const number = (cell) => {
  const digits = cell.textContent.replace(/\D/g, "");
  return digits === "" ? null : Number(digits);
};

// By the words of the first column, or by the numbers of another; signs and the total stay last, and among words
// what is no name: unknown, stateless.
const sorted = (rows, column, direction) => {
  const words = new Intl.Collator(document.documentElement.lang);
  const compare = (one, other) => {
    if (column === 0) {
      const [first, second] = [one, other].map((row) => row.classList.contains("no-answer"));
      if (first || second) return (first - second) * direction;
      return words.compare(one.cells[0].textContent, other.cells[0].textContent);
    }
    const [first, second] = [number(one.cells[column]), number(other.cells[column])];
    if (first === null || second === null) return ((first === null) - (second === null)) * direction;
    return first - second;
  };
  return [...rows].sort((one, other) => compare(one, other) * direction);
};

// Largest first, smallest first, as printed; words the other way about.
const NEXT = {
  number: { none: "descending", descending: "ascending", ascending: "none" },
  words: { none: "ascending", ascending: "descending", descending: "none" },
};

for (const table of document.querySelectorAll("table.statistics:not(.as-printed)")) {
  const body = table.tBodies[0];
  const printed = [...body.rows];
  const parts = printed.filter((row) => !row.classList.contains("total"));
  const totals = printed.filter((row) => row.classList.contains("total"));
  if (parts.length < 3) continue;
  const headings = [...table.tHead.rows[0].cells];
  for (const [column, heading] of headings.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const next = NEXT[column === 0 ? "words" : "number"][heading.ariaSort ?? "none"];
      for (const other of headings) other.removeAttribute("aria-sort");
      if (next !== "none") heading.ariaSort = next;
      const direction = next === "descending" ? -1 : 1;
      body.append(...(next === "none" ? parts : sorted(parts, column, direction)), ...totals);
    });
  }
}

// Header and rows as they stand, a tab between cells: digits alone, so that a spreadsheet reads numbers.
const asText = (table) =>
  [...table.rows]
    .map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent.trim()).join("\t"))
    .join("\n");

for (const list of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // the site is not reached by https
  const table = list.closest(".statistics-table").querySelector("table");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "text-button";
  const title = table.caption.querySelector(".title").textContent;
  const words = document.createElement("span");
  words.setAttribute("role", "status");
  const what = document.createElement("span");
  what.className = "visually-hidden";
  what.textContent = `: ${title}`;
  button.append(list.dataset.copy, what);
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(asText(table)).then(() => {
      words.textContent = list.dataset.copied;
      setTimeout(() => words.replaceChildren(), 4_000);
    });
  });
  const item = document.createElement("li");
  item.append(button, " ", words);
  list.append(item);
}

// Seen only where a table really is wider than its place.
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const wrap = target.closest(".table-wrap"); // the table or the place itself
    wrap.parentElement.classList.toggle("is-wider", wrap.scrollWidth > wrap.clientWidth + 1);
  }
});
for (const table of document.querySelectorAll(".statistics-table table")) {
  watch.observe(table);
  watch.observe(table.parentElement);
}

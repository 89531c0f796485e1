
"use strict";
(() => {
  const FIRST = 15; // rows of a table that are shown until somebody asks for all
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const grouped = new Intl.NumberFormat("en");

  const byNumber = (a, b) => a - b;
  const byText = (a, b) => collator.compare(a, b);

  // On a narrow screen each row is a card: cells say which column they are of, and roles stay although the layout is another.
  function setLabels(table) {
    const names = [...table.tHead.rows[0].cells].map((header) => header.textContent.trim());
    const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
      const inHead = part.tagName === "TH" && part.scope === "col";
      part.setAttribute("role", roles[part.tagName] ?? (inHead ? "columnheader" : "rowheader"));
    }
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => { cell.dataset.label = names[column]; });
    }
    table.classList.add("cards");
  }

  function setUp(section) {
    const body = section.querySelector("tbody");
    const filter = section.querySelector("input");
    const output = section.querySelector("output");
    const more = section.querySelector(".more");
    const rows = [...body.rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      keys: [...row.cells].map((cell) => cell.dataset.sort ?? cell.textContent.trim()),
    }));
    let showsAll = rows.length <= FIRST;

    function show() {
      const wanted = filter.value.trim().toLowerCase();
      let found = 0;
      for (const { row, text } of rows) {
        const matches = text.includes(wanted);
        found += matches;
        row.hidden = !matches || (!showsAll && found > FIRST);
      }
      const shown = showsAll ? found : Math.min(found, FIRST);
      output.textContent = `${grouped.format(shown)} of ${grouped.format(rows.length)} rows`;
      more.hidden = shown === found;
      more.textContent = `Show all ${grouped.format(found)}`;
    }

    function sort(header, column) {
      const isNumber = header.classList.contains("number");
      const compare = isNumber ? byNumber : byText;
      const was = header.getAttribute("aria-sort");
      const down = was === null ? isNumber : was === "ascending";
      for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => {
        const [x, y] = [a.keys[column], b.keys[column]];
        if (x === "" || y === "") return (x === "") - (y === ""); // what is not known stands last, either way
        return down ? compare(y, x) : compare(x, y);
      });
      body.append(...rows.map(({ row }) => row));
      show();
    }

    setLabels(section.querySelector("table"));
    [...section.querySelectorAll("thead th")].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.addEventListener("click", () => sort(header, column));
      header.replaceChildren(button);
    });
    filter.addEventListener("input", show);
    more.addEventListener("click", () => {
      showsAll = true;
      show();
    });
    section.querySelector(".tools").hidden = false;
    show();
  }

  for (const body of document.querySelectorAll("section.table tbody")) setUp(body.closest("section"));
})();

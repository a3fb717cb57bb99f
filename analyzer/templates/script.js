"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // Theme: the system's, until somebody chooses.
  const root = document.documentElement;
  const theme = byId("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const nameTheme = () => { theme.textContent = dark() ? theme.dataset.light : theme.dataset.dark; };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; nameTheme(); });
  nameTheme();

  // Sorting: a button in each head; text and numbers by what the column holds.
  const table = byId("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const words = new Intl.Collator(root.lang, { numeric: true });
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.hasAttribute("data-v") ? cell.dataset.v : cell.textContent.trim();
  };
  const sort = (column, descending) => {
    const number = (text) => (text === "" ? NaN : Number(text));
    const keyed = rows.map((row) => ({ row, text: key(row, column) }));
    const numeric = keyed.every((one) => one.text === "" || !Number.isNaN(Number(one.text)));
    keyed.sort((a, b) => {
      if (a.text === "" || b.text === "") return (a.text === "") - (b.text === "");
      const order = numeric ? number(a.text) - number(b.text) : words.compare(a.text, b.text);
      return descending ? -order : order;
    });
    body.append(...keyed.map((one) => one.row));
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };
  heads.forEach((head, column) => {
    if (head.hasAttribute("data-plain")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sorted = head.getAttribute("aria-sort");
      sort(column, sorted ? sorted === "ascending" : head.classList.contains("n"));
    });
  });

  // Filtering.
  const form = byId("filter");
  const counted = byId("filter-count");
  const texts = new Map(rows.map((row) => [row, (row.cells[0].textContent + " " + row.cells[5].textContent).toLowerCase()]));
  const filter = () => {
    const text = byId("filter-text").value.trim().toLowerCase();
    const environment = byId("filter-environment").value;
    const proposal = byId("filter-proposal").value;
    const [from, to] = (byId("filter-confidence").value || "0 2").split(" ").map(Number);
    let shown = 0;
    for (const row of rows) {
      const confidence = Number(row.dataset.c);
      const fits = texts.get(row).includes(text)
        && (!environment || row.dataset.e === environment)
        && (!proposal || (proposal === "unused" ? row.hasAttribute("data-u") : row.dataset.p === proposal))
        && confidence >= from && confidence < to;
      row.hidden = !fits;
      shown += fits;
    }
    counted.textContent = counted.dataset.count.replace("{shown}", shown).replace("{all}", rows.length);
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();

  // Printing: what is folded is opened, but for single hosts and services; older browsers cannot be told so in the style.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not(.one):not([open])").forEach((one) => { one.open = true; one.dataset.folded = ""; });
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-folded]").forEach((one) => { one.open = false; delete one.dataset.folded; });
  });

  // Hosts: a link opens what it leads to.
  const hosts = [...document.querySelectorAll("details.host")];
  const openTarget = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    const host = target && target.closest("details");
    if (host) { host.open = true; host.scrollIntoView(); }
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  const all = byId("open-all");
  all.hidden = hosts.length === 0;
  all.addEventListener("click", () => {
    const open = all.textContent === all.dataset.open;
    hosts.forEach((host) => { host.open = open; });
    all.textContent = open ? all.dataset.close : all.dataset.open;
  });
})();

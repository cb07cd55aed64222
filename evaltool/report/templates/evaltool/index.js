// Sorts and searches the list of reports. The order of numbers is worked out beforehand (data-k), exactly; text is
// compared as Chinese. Without this script the list is whole, in the order of the roster.
(function () {
  "use strict";
  var table = document.querySelector("table.reports");
  if (!table) { return; }
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var form = document.querySelector("form.search"), field = form.querySelector("input");
  var said = document.getElementById("said");
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var collator = new Intl.Collator("zh-Hans-CN", { numeric: true });
  var sorted = { column: -1, down: false };

  function plain(text) { return text.normalize("NFKC").toLowerCase(); }
  var texts = rows.map(function (row) {
    return plain(Array.prototype.map.call(row.querySelectorAll("[data-find]"), function (cell) {
      return cell.textContent;
    }).join(" "));
  });
  var keys = heads.map(function () { return null; });
  function keysOf(column) { // read once a column: a number, a text, or null for a blank
    if (!keys[column]) {
      keys[column] = new Map(rows.map(function (row) {
        var cell = row.cells[column], key = cell.getAttribute("data-k");
        return [row, key !== null ? (key === "" ? null : Number(key)) : cell.textContent.trim() || null];
      }));
    }
    return keys[column];
  }
  function say(text) { said.textContent = text; }

  function sort(column) {
    var down = sorted.column === column && !sorted.down, key = keysOf(column), sign = down ? -1 : 1;
    var order = rows.slice().sort(function (one, other) {
      var a = key.get(one), b = key.get(other);
      if (a === null || b === null) { return (a === null) - (b === null); } // blanks last, either way
      return sign * (typeof a === "number" ? a - b : collator.compare(a, b));
    });
    body.replaceChildren.apply(body, order);
    heads.forEach(function (head, i) {
      if (head.hasAttribute("aria-sort")) {
        head.setAttribute("aria-sort", i !== column ? "none" : down ? "descending" : "ascending");
      }
    });
    sorted = { column: column, down: down };
    say("已按“" + heads[column].querySelector("button").textContent + "”" + (down ? "从大到小" : "从小到大") + "排列");
  }

  function search() {
    var words = plain(field.value).split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row, i) {
      var fits = words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      if (row.hidden === fits) { row.hidden = !fits; }
      shown += fits ? 1 : 0;
    });
    say(words.length ? "找到 " + shown + " 个，共 " + rows.length + " 个" : "");
  }

  heads.forEach(function (head, column) {
    if (!head.hasAttribute("aria-sort")) { return; }
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    var printed = document.createElement("span"); // browsers leave buttons out of heads that are repeated on paper
    printed.className = "printed";
    printed.setAttribute("aria-hidden", "true");
    printed.textContent = head.textContent;
    head.replaceChildren(button, printed);
    button.addEventListener("click", function () { sort(column); });
  });
  field.addEventListener("input", search);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  if (field.value) { search(); } // a browser may have kept what was typed before
})();

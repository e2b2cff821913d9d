/* Fisc: the sheet. A table made by the server, filled in like Excel; the server checks every cell again. */
(() => {
  "use strict";
  const d = document;
  const $ = (s, n = d) => n.querySelector(s), $$ = (s, n = d) => [...n.querySelectorAll(s)];
  const MOST_UNDO = 200, SHOWN_PROBLEMS = 20, PAGE = 15, NEW = "new:", WAIT = 250;
  const el = (name, text, cls) => { const e = d.createElement(name); if (text) e.textContent = text; if (cls) e.className = cls; return e; };
  const button = (text, act, cls) => { const b = el("button", text, cls); b.type = "button"; b.addEventListener("click", act); return b; };
  const group = s => s.replace(/\B(?=(\d{3})+$)/g, ",");

  /* ── what people type: the same rules as fisc.base.money.parse_yuan ── */
  const SHIFT = { "元": 2, "万": 6, "万元": 6, "亿": 10, "亿元": 10 };
  const plain = t => t.normalize("NFKC").replace(/[\u2212\u2013\u2014\u2010\u2011]/g, "-").replace(/[，]/g, ",").replace(/。/g, ".").replace(/[\s\u200b\ufeff]/g, "");
  const badGroups = n => n.includes(",") && !/^\d{1,3}(,\d{3})+$/.test(n);
  function amount(text, unit) {
    const m = /^([+-]?)(\d[\d,]*|)(?:\.(\d*))?(亿元|万元|亿|万|元)?$/.exec(plain(text).replace(/^[¥￥]/, ""));
    if (!m || !(m[2] || m[3])) return { bad: `金额“${text}”不是数字，请只填数字，如 1234.50。` };
    if (badGroups(m[2])) return { bad: `金额“${text}”的千分位逗号位置不对，请检查是否多写或少写了数字。` };
    const shift = m[4] ? SHIFT[m[4]] : unit === "万元" ? 6 : 2, part = (m[3] || "").replace(/0+$/, "");
    if (part.length > shift) return { bad: `金额“${text}”超过两位小数，最小到分。` };
    const n = BigInt((m[2].replace(/,/g, "") || "0") + part.padEnd(shift, "0"));
    const value = m[1] === "-" ? -n : n, other = m[4] && m[4][0] !== unit[0];
    return { value, note: other ? `已换算：${text.trim()} ＝ ${money(value, unit)} ${unit}` : "" };
  }
  function money(fen, unit) {
    const neg = fen < 0n, a = neg ? -fen : fen, p = unit === "万元" ? 6 : 2, scale = 10n ** BigInt(p);
    let part = (a % scale).toString().padStart(p, "0"); if (p > 2) part = part.replace(/0+$/, "").padEnd(2, "0");
    return (neg ? "−" : "") + group((a / scale).toString()) + "." + part;
  }
  function whole(text) {
    const m = /^([+-]?)(\d[\d,]*)(?:\.0*)?$/.exec(plain(text));
    if (!m || badGroups(m[2])) return { bad: `“${text}”不是整数，请只填数字，如 12。` };
    const n = BigInt(m[2].replace(/,/g, "")); return { value: m[1] === "-" ? -n : n };
  }
  const count = n => (n < 0n ? "−" : "") + group((n < 0n ? -n : n).toString());

  /* ── blocks: tab-separated text as Excel writes it (quoted cells, trailing newline) ── */
  function readBlock(text) {
    const rows = [[]]; let cell = "", quoted = false, i = 0;
    const t = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (; i < t.length; i++) {
      const c = t[i];
      if (quoted) { if (c !== '"') cell += c; else if (t[i + 1] === '"') { cell += '"'; i++; } else quoted = false; }
      else if (c === '"' && cell === "" && /"[^"]*(""[^"]*)*"(\t|\n|$)/.test(t.slice(i, i + 20000))) quoted = true;
      else if (c === "\t" || c === "\n") { rows[rows.length - 1].push(cell); cell = ""; if (c === "\n") rows.push([]); }
      else cell += c;
    }
    rows[rows.length - 1].push(cell);
    return rows.map(r => r.map(v => v.trim()));
  }
  const writeCell = t => /[\t\n"]/.test(t) ? '"' + t.replace(/"/g, '""') + '"' : t;

  class Sheet {
    constructor(box) {
      this.box = box; this.table = $("table", box); this.frame = $(".gw", box); this.body = this.table.tBodies[0];
      this.unit = box.dataset.unit || "元"; this.version = +box.dataset.version; this.mayAdd = "add" in box.dataset;
      this.cols = $$("thead th[data-c]", box).map(h => ({
        key: h.dataset.c, head: h.textContent.trim(), kind: h.dataset.k, ro: "ro" in h.dataset, names: h.className, code: h.dataset.code,
        total: "total" in h.dataset, min: h.dataset.min === undefined ? null : BigInt(h.dataset.min), sum: 0n,
        choices: h.dataset.choices ? JSON.parse(h.dataset.choices) : [],
      }));
      this.rows = []; [...this.body.rows].forEach(tr => this.take(tr));
      this.dirty = new Set(); this.done = []; this.undone = []; this.added = 0; this.first = this.rows.length ? +this.rows[0].tr.cells[0].textContent : 1;
      this.act = { r: 0, c: 0 }; this.end = { r: 0, c: 0 }; this.ed = null; this.leaving = false;
      this.allBase = $$("[data-gs=all] td", box).map(t => t.dataset.x ? BigInt(t.dataset.x) : null); this.pageBase = this.cols.map(c => c.sum);
      const p1 = $("thead .p1", box); if (p1) this.table.style.setProperty("--p2", p1.offsetLeft + p1.offsetWidth + "px");
      this.frame.removeAttribute("tabindex"); this.listen();
      if (this.rows.length) this.cell(0, 0).tabIndex = 0;
    }
    q(name) { return $(`[data-gs=${name}]`, this.box); }
    say(text, tone) { const s = this.q("say"); s.textContent = text; s.className = tone || ""; }
    cell(r, c) { return this.rows[r].tds[c]; }
    where(r, c) { return `第 ${this.first + r} 行${this.rows[r].label ? " " + this.rows[r].label : ""}，${this.cols[c].head}`; }
    locked(r, c) { return this.cols[c].ro || this.cell(r, c).getAttribute("aria-readonly") === "true"; }
    take(tr) {
      const tds = [...tr.cells].slice(1), row = { tr, key: tr.dataset.r, label: tr.dataset.label || "", tds, val: [], base: [], num: [], bad: {} };
      this.cols.forEach((col, c) => {
        const v = col.kind === "choice" ? tds[c].dataset.v || "" : tds[c].textContent.trim(), got = this.parse(col, v);
        row.val[c] = row.base[c] = v; row.num[c] = got.value ?? null; if (got.value != null) col.sum += got.value;
      });
      this.rows.push(row); return row;
    }

    /* ── values ── */
    parse(col, text) {
      const t = text.trim();
      if (!t) return { shown: "", raw: "" };
      if (col.kind === "amount" || col.kind === "integer") {
        const got = col.kind === "amount" ? amount(t, this.unit) : whole(t);
        if (got.bad) return { shown: t, raw: t, bad: got.bad };
        const shown = col.kind === "amount" ? money(got.value, this.unit) : count(got.value);
        if (col.min !== null && got.value < col.min) return { shown, raw: shown, value: got.value, bad: col.min === 0n ? `${col.head}不能为负。` : `${col.head}不能小于规定的数。` };
        return { shown, raw: shown, value: got.value, note: got.note };
      }
      if (col.kind === "choice") {
        const one = col.choices.find(([v, l]) => v === t || l === t);
        return one ? { shown: one[1], raw: one[0] } : { shown: t, raw: t, bad: `“${t}”不在选项中，可填：${col.choices.slice(0, 6).map(x => x[1]).join("、")}。` };
      }
      const one = t.replace(/\s+/g, " "); return { shown: one, raw: one };
    }
    put(r, c, text) {                                            // model and cell, no undo
      const row = this.rows[r], col = this.cols[c], got = this.parse(col, text), td = row.tds[c], old = row.num[c];
      row.val[c] = got.raw; row.num[c] = got.value ?? null; col.sum += (got.value ?? 0n) - (old ?? 0n);
      td.textContent = got.shown; if (col.kind === "choice") td.dataset.v = got.raw;
      this.mark(r, c, got.bad || "");
      const id = r * 1000 + c, is = got.raw !== row.base[c]; td.classList.toggle("chg", is); if (is) this.dirty.add(id); else this.dirty.delete(id);
      return got;
    }
    mark(r, c, message) {
      const row = this.rows[r], td = row.tds[c];
      if (message) { row.bad[c] = message; td.setAttribute("aria-invalid", "true"); td.title = message; }
      else if (row.bad[c]) { delete row.bad[c]; td.removeAttribute("aria-invalid"); td.removeAttribute("title"); }
    }
    change(list, what) {                                         // [[r, c, text]] as one step that can be undone
      const step = []; let note = "";
      for (const [r, c, text] of list) {
        if (this.locked(r, c)) continue;
        const before = this.rows[r].val[c], got = this.put(r, c, text);
        if (got.raw !== before) step.push([r, c, before, got.raw]);
        note = got.bad || got.note || note;
      }
      if (step.length) { this.done.push(step); if (this.done.length > MOST_UNDO) this.done.shift(); this.undone = []; }
      this.refresh(); if (note || what) this.say([what, note].filter(Boolean).join("；"));
      return step.length;
    }
    undo(from, to, back) {
      const step = from.pop(); if (!step) return;
      step.forEach(([r, c, before, after]) => this.put(r, c, back ? before : after)); to.push(step);
      this.go(step[0][0], step[0][1]); this.refresh(); this.say(`${back ? "已撤消" : "已重做"} ${step.length} 格`);
    }
    refresh() {
      const n = this.dirty.size, save = this.q("save"); save.disabled = !n || this.busy; this.q("save-label").textContent = n ? `保存（${n}）` : "保存";
      this.q("undo").disabled = !this.done.length; this.q("redo").disabled = !this.undone.length;
      const sums = $$("[data-gs=sum] td", this.box), all = $$("[data-gs=all] td", this.box), show = (col, n) => col.kind === "amount" ? money(n, this.unit) : count(n);
      this.cols.forEach((col, c) => {
        if (!col.total || !sums[c]) return;
        sums[c].textContent = show(col, col.sum); if (all[c] && this.allBase[c] != null) all[c].textContent = show(col, this.allBase[c] + col.sum - this.pageBase[c]);
      });
      this.tally();
    }

    /* ── where one is ── */
    rect() { const { act: a, end: b } = this; return [Math.min(a.r, b.r), Math.min(a.c, b.c), Math.max(a.r, b.r), Math.max(a.c, b.c)]; }
    each(f) { const [r1, c1, r2, c2] = this.rect(); for (let r = r1; r <= r2; r++) for (let c = c1; c <= c2; c++) f(r, c); }
    go(r, c, extend, quiet) {
      if (!this.rows.length) return;
      r = Math.max(0, Math.min(this.rows.length - 1, r)); c = Math.max(0, Math.min(this.cols.length - 1, c));
      const single = (this.act.r === this.end.r && this.act.c === this.end.c);
      if (!single || extend) this.each((y, x) => this.cell(y, x).removeAttribute("aria-selected"));
      if (extend) this.end = { r, c };
      else {
        const old = this.cell(this.act.r, this.act.c), now = this.cell(r, c); this.act = { r, c }; this.end = { r, c };
        if (old !== now) { old.removeAttribute("tabindex"); old.classList.remove("at"); }   // taking it from the focused cell would blur it
      }
      if (extend) this.each((y, x) => this.cell(y, x).setAttribute("aria-selected", "true"));
      const td = this.cell(this.act.r, this.act.c); td.tabIndex = 0; td.classList.add("at"); if (!quiet) td.focus({ preventScroll: true });
      this.cell(r, c).scrollIntoView({ block: "nearest", inline: "nearest" });
      this.leaving = false; if (!extend) { const bad = this.rows[r].bad[c]; this.say(bad ? `${this.where(r, c)}：${bad}` : td.dataset.note || "", bad ? "err" : ""); }
      this.tally();
    }
    tally() {                                                    // as Excel's status bar: count and sum of what is selected
      let n = 0, sum = 0n, kinds = new Set(); const out = this.q("sel"), [r1, c1, r2, c2] = this.rect();
      if (!this.rows.length || (r1 === r2 && c1 === c2)) { out.textContent = ""; return; }
      this.each((r, c) => { const v = this.rows[r].num[c]; if (v != null) { n++; sum += v; kinds.add(this.cols[c].kind); } });
      out.textContent = `${r2 - r1 + 1} 行 × ${c2 - c1 + 1} 列` + (kinds.size === 1 ? `　计数 ${n}　合计 ${kinds.has("amount") ? money(sum, this.unit) + " " + this.unit : count(sum)}` : "");
    }
    jump(r, c, dr, dc) {                                         // Ctrl+arrow: to the edge of the filled block
      const full = (y, x) => this.rows[y] && x >= 0 && x < this.cols.length && this.rows[y].val[x] !== "", inside = (y, x) => y >= 0 && y < this.rows.length && x >= 0 && x < this.cols.length;
      const run = full(r, c) && full(r + dr, c + dc);
      while (inside(r + dr, c + dc)) { if (run && !full(r + dr, c + dc)) break; r += dr; c += dc; if (!run && full(r, c)) break; }
      return [r, c];
    }
    next(r, c, back) {                                           // the next cell one may fill in, or null
      const w = this.cols.length, step = back ? -1 : 1;
      for (let i = r * w + c + step; i >= 0 && i < this.rows.length * w; i += step) if (!this.locked(Math.floor(i / w), i % w)) return [Math.floor(i / w), i % w];
      return null;
    }
    tab(back) {
      const to = this.next(this.act.r, this.act.c, back); if (!to || this.leaving) return false;
      const { r, c } = this.act, from = this.from ?? (this.locked(r, c) ? to[1] : c); this.go(...to); this.from = from; return true;
    }
    enter(back) {
      const c = this.from ?? this.act.c, r = this.act.r + (back ? -1 : 1); this.from = null;
      if (r >= this.rows.length && this.mayAdd && this.rows[this.rows.length - 1].val.some(v => v)) this.add(1);
      this.go(r, c);
    }

    /* ── editing one cell ── */
    edit(text, over) {
      const { r, c } = this.act, col = this.cols[c], td = this.cell(r, c);
      if (this.locked(r, c)) { this.say(`${this.where(r, c)}：已锁定，不能修改。`, "err"); return; }
      this.go(r, c);
      const input = el(col.kind === "choice" ? "select" : "input"); input.setAttribute("aria-label", this.where(r, c)); input.autocomplete = "off";
      if (col.kind === "choice") { [["", ""], ...col.choices].forEach(([v, l]) => input.append(new Option(l, v))); input.value = this.rows[r].val[c]; }
      else { input.value = over ? text : col.kind === "text" || col.kind === "code" ? this.rows[r].val[c] : this.rows[r].val[c].replace(/,/g, ""); if (col.kind === "amount") input.inputMode = "decimal"; if (col.kind === "integer") input.inputMode = "numeric"; }
      this.ed = { input, r, c, over }; td.classList.add("ed"); td.append(input); input.focus();
      if (input.setSelectionRange) input.setSelectionRange(input.value.length, input.value.length);
      input.addEventListener("blur", () => this.close(true, true)); input.addEventListener("keydown", e => this.editKey(e));
      if (col.code) { input.addEventListener("input", () => this.suggest()); if (input.value) this.suggest(); }
    }
    close(keep, quiet) {
      const ed = this.ed; if (!ed) return; this.ed = null; clearTimeout(this.timer); if (this.sugg) { this.sugg.remove(); this.sugg = null; }
      const td = this.cell(ed.r, ed.c), text = ed.input.value; ed.input.remove(); td.classList.remove("ed");
      if (keep && text.trim() !== this.rows[ed.r].val[ed.c].replace(this.numeric(ed.c) ? /,/g : /(?!)/, "")) this.change([[ed.r, ed.c, text]]);
      if (!quiet) td.focus({ preventScroll: true });
    }
    numeric(c) { return this.cols[c].kind === "amount" || this.cols[c].kind === "integer"; }
    editKey(e) {
      e.stopPropagation(); if (e.isComposing || !this.ed) return;
      const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key], isSelect = this.ed.input.tagName === "SELECT";
      const list = this.sugg ? $$("button", this.sugg) : [], go = f => { e.preventDefault(); this.close(true); f(); };
      if (list.length && /^Arrow(Up|Down)$/.test(e.key)) {
        e.preventDefault(); let i = list.findIndex(b => b.classList.contains("cur")); if (i >= 0) list[i].classList.remove("cur");
        i = (i + (e.key === "ArrowDown" ? 1 : -1) + list.length) % list.length; list[i].classList.add("cur"); list[i].scrollIntoView({ block: "nearest" }); return;
      }
      if (e.key === "Enter") { const on = list.find(b => b.classList.contains("cur")); if (on) this.ed.input.value = on.dataset.pick; go(() => this.enter(e.shiftKey)); }
      else if (e.key === "Tab") { this.close(true); if (this.tab(e.shiftKey)) e.preventDefault(); }
      else if (e.key === "Escape") { e.preventDefault(); this.close(false); }
      else if (e.key === "F2") { e.preventDefault(); this.ed.over = !this.ed.over; }
      else if (e.ctrlKey && e.key === "s") { e.preventDefault(); this.close(true); this.save(); }
      else if (arrows && this.ed.over && !isSelect) go(() => this.go(this.act.r + arrows[0], this.act.c + arrows[1]));
    }
    suggest() {
      clearTimeout(this.timer); const ed = this.ed; if (!ed) return;
      this.timer = setTimeout(async () => {
        const url = `/lookup/code/?${new URLSearchParams({ name: "q", q__shown: ed.input.value, kind: this.cols[ed.c].code })}`;
        const got = await fetch(url).then(x => x.ok && !x.redirected ? x.text() : "").catch(() => ""); if (this.ed !== ed) return;
        if (!this.sugg) { this.sugg = el("div", "", "sugg gs-sugg"); d.body.append(this.sugg); this.sugg.addEventListener("mousedown", e => e.preventDefault()); this.sugg.addEventListener("click", e => { e.stopPropagation(); const b = e.target.closest("[data-pick]"); if (b && this.ed) { this.ed.input.value = b.dataset.pick; this.close(true); } }); }
        this.sugg.innerHTML = got; const box = ed.input.getBoundingClientRect(), low = box.bottom + 220 > innerHeight;
        this.sugg.style.left = Math.min(box.left, innerWidth - 310) + "px"; this.sugg.style.top = (low ? Math.max(4, box.top - Math.min(300, this.sugg.scrollHeight) - 2) : box.bottom) + "px";
      }, WAIT);
    }

    /* ── blocks ── */
    clear() {
      const list = []; let held = 0; this.each((r, c) => { if (this.locked(r, c)) held += this.rows[r].val[c] !== ""; else if (this.rows[r].val[c]) list.push([r, c, ""]); });
      const n = this.change(list); this.say((n ? `已清除 ${n} 格` : "没有可清除的内容") + (held ? `，跳过 ${held} 个锁定的单元格` : ""));
    }
    copied() {
      const [r1, c1, r2, c2] = this.rect(), lines = [];
      for (let r = r1; r <= r2; r++) { const line = []; for (let c = c1; c <= c2; c++) line.push(writeCell(this.cell(r, c).textContent.replace(/−/g, "-"))); lines.push(line.join("\t")); }
      return lines.join("\r\n");
    }
    paste(text) {
      if (!text) return;
      let block = readBlock(text); const [r1, c1, r2, c2] = this.rect(), h = r2 - r1 + 1, w = c2 - c1 + 1, bw = Math.max(...block.map(l => l.length)), bh = block.length;
      if ((h > bh || w > bw) && h % bh === 0 && w % bw === 0) block = Array.from({ length: h }, (_, y) => Array.from({ length: w }, (_, x) => block[y % bh][x % bw] ?? ""));
      const right = c1 + Math.max(...block.map(l => l.length)) - this.cols.length, below = r1 + block.length - this.rows.length;
      if (right > 0) { this.say(`要粘贴 ${bw} 列，从这里起只有 ${this.cols.length - c1} 列，没有粘贴。请核对起始单元格。`, "err"); return; }
      if (below > 0 && !this.mayAdd) { this.say(`要粘贴 ${block.length} 行，从这里起只有 ${this.rows.length - r1} 行，没有粘贴。请核对起始单元格。`, "err"); return; }
      if (below > 0) this.add(below);
      const list = []; let held = 0;
      block.forEach((line, y) => line.forEach((v, x) => { if (this.locked(r1 + y, c1 + x)) held += 1; else list.push([r1 + y, c1 + x, v]); }));
      this.go(r1, c1); this.go(r1 + block.length - 1, c1 + Math.max(...block.map(l => l.length)) - 1, true);
      this.change(list); const bad = list.filter(([r, c]) => this.rows[r].bad[c]).length;
      this.say(`已粘贴 ${list.length} 格` + (held ? `，跳过 ${held} 个锁定的单元格` : "") + (bad ? `，其中 ${bad} 格要改` : ""), bad ? "err" : "");
    }
    fillDown() {
      const [r1, c1, r2, c2] = this.rect(), list = [];
      for (let r = r1 + 1; r <= r2; r++) for (let c = c1; c <= c2; c++) list.push([r, c, this.rows[r1].val[c]]);
      const n = this.change(list); this.say(`已向下填充 ${n} 格`);
    }
    add(n) {
      for (let i = 0; i < n; i++) {
        const tr = el("tr"), th = el("th", String(this.first + this.rows.length), "rn"); th.scope = "row"; tr.dataset.r = NEW + ++this.added; tr.append(th);
        this.cols.forEach(col => { const td = el("td", "", col.names); if (col.ro) td.setAttribute("aria-readonly", "true"); tr.append(td); });
        this.body.append(tr); this.take(tr);
      }
      if (this.rows.length === n) this.cell(0, 0).tabIndex = 0;
    }

    /* ── saving ── */
    async save() {
      this.close(true, true); if (this.busy) return;
      if (!this.dirty.size) { this.say("没有改动，不需要保存。"); return; }
      const cells = [...this.dirty].sort((a, b) => a - b).map(id => [Math.floor(id / 1000), id % 1000]), bad = cells.filter(([r, c]) => this.rows[r].bad[c]);
      if (bad.length) { this.problems(bad.map(([r, c]) => [r, c, this.rows[r].bad[c]]), `有 ${bad.length} 个单元格要改，数据没有保存。`); return; }
      const raw = (r, c, v) => this.numeric(c) && v ? this.exact(c, v) : v;
      const sent = cells.map(([r, c]) => [r, c, this.rows[r].val[c]]);
      const load = { version: this.version, changes: sent.map(([r, c, v]) => [this.rows[r].key, this.cols[c].key, raw(r, c, v), raw(r, c, this.rows[r].base[c])]) };
      this.busy = true; this.box.setAttribute("aria-busy", "true"); this.refresh(); this.say("正在保存……");
      try {
        const x = await fetch(this.box.dataset.save, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": this.box.dataset.csrf, "Accept": "application/json" }, body: JSON.stringify(load) });
        if (!/json/.test(x.headers.get("Content-Type") || "")) { this.failed(x.redirected || x.status === 403 ? "登录已失效或没有权限，数据没有保存，仍在本页。请在另一窗口重新登录后再保存。" : `保存没有完成（${x.status}），数据仍在本页。${x.headers.get("X-Error-Number") ? "错误号 " + x.headers.get("X-Error-Number") : ""}`); return; }
        this.answered(x.status, await x.json(), sent);
      } catch { this.failed("网络连接失败，数据没有保存，仍在本页。请检查网络后再保存。"); }
      finally { this.busy = false; this.box.removeAttribute("aria-busy"); this.refresh(); }
    }
    exact(c, v) {                                                // as the server reads it: 元, no grouping
      const n = this.parse(this.cols[c], v).value; if (n == null) return v;
      return this.cols[c].kind === "amount" ? money(n, "元").replace(/,/g, "").replace("−", "-") : n.toString();
    }
    answered(status, got, sent) {
      if (status === 200) {
        this.version = got.version ?? this.version; this.rows.forEach(row => { if (got.keys && got.keys[row.key]) row.key = row.tr.dataset.r = got.keys[row.key]; });
        sent.forEach(([r, c, v]) => { this.rows[r].base[c] = v; this.put(r, c, this.rows[r].val[c]); });
        const at = new Map(this.rows.map((row, r) => [row.key, r])), col = new Map(this.cols.map((one, c) => [one.key, c]));
        (got.cells || []).forEach(([row, key, text]) => { const r = at.get(row), c = col.get(key); if (r === undefined || c === undefined) return; const v = this.parse(this.cols[c], text).raw; this.rows[r].base[c] = v; this.put(r, c, text); });
        const all = $$("[data-gs=all] td", this.box); this.cols.forEach((one, c) => { if (got.totals && one.key in got.totals && all[c]) { this.allBase[c] = BigInt(got.totals[one.key]); this.pageBase[c] = one.sum; } });
        this.q("bad").hidden = true; this.say(got.message || `已保存 ${sent.length} 格。`, "ok");
        this.box.dispatchEvent(new CustomEvent("fisc:saved", { bubbles: true, detail: got }));
      }
      else if (got.problems) {
        const at = new Map(this.rows.map((row, r) => [row.key, r])), col = new Map(this.cols.map((one, c) => [one.key, c]));
        this.problems(got.problems.filter(([r, c]) => at.has(r) && col.has(c)).map(([r, c, text]) => [at.get(r), col.get(c), text]), got.message);
      }
      else if (got.stale) this.stale(got, sent);
      else this.failed(got.message || "保存没有完成，数据仍在本页。");
    }
    failed(text) { const box = this.q("bad"); box.replaceChildren(el("h2", text)); box.hidden = false; this.say(""); }
    problems(list, message) {
      const box = this.q("bad"), ul = el("ul"); list.forEach(([r, c, text]) => this.mark(r, c, text));
      list.slice(0, SHOWN_PROBLEMS).forEach(([r, c, text]) => { const li = el("li"); li.append(button(this.where(r, c), () => this.go(r, c), "linkb"), `：${text}`); ul.append(li); });
      if (list.length > SHOWN_PROBLEMS) ul.append(el("li", `……另有 ${list.length - SHOWN_PROBLEMS} 格，已在表中标红。`));
      box.replaceChildren(el("h2", message), ul); box.hidden = false; if (list.length) this.go(list[0][0], list[0][1]);
    }
    stale(got, sent) {
      const box = this.q("bad"), at = new Map(this.rows.map((row, r) => [row.key, r])), col = new Map(this.cols.map((one, c) => [one.key, c])), parts = [el("h2", got.message)];
      const both = got.stale.cells.filter(([r, c]) => at.has(r) && col.has(c));
      if (both.length) {
        const t = el("table", "", "t"), head = t.createTHead().insertRow(), body = t.createTBody(); ["单元格", "现在保存的", "您填写的"].forEach(x => { const th = el("th", x); th.scope = "col"; head.append(th); });
        both.forEach(([row, key, text]) => { const r = at.get(row), c = col.get(key), tr = body.insertRow(); [this.where(r, c), text || "（空）", this.cell(r, c).textContent || "（空）"].forEach(x => { tr.insertCell().textContent = x; }); });
        const frame = el("div", "", "tw plain"); frame.append(t); parts.push(frame);
      } else parts.push(el("p", "您改的单元格，他人没有改过。"));
      const acts = el("p", "", "form-acts");
      acts.append(button("以我填写的为准，继续保存", () => { this.version = got.stale.version; both.forEach(([row, key, text]) => { const r = at.get(row), c = col.get(key); this.rows[r].base[c] = this.parse(this.cols[c], text).raw; this.put(r, c, this.rows[r].val[c]); }); box.hidden = true; if (this.dirty.size) this.save(); else this.refresh(); }, "btn pri"),
        button("放弃我的改动，重新打开", () => { this.dirty.clear(); location.reload(); }, "btn"));
      box.replaceChildren(...parts, acts); box.hidden = false; this.say(""); $("button", acts).focus();
    }

    /* ── events ── */
    listen() {
      const t = this.table;
      t.addEventListener("keydown", e => { if (!this.ed) this.key(e); });
      t.addEventListener("mousedown", e => {
        const td = e.target.closest("tbody td"); if (!td || e.button || this.ed && this.ed.input.contains(e.target)) return;
        e.preventDefault(); this.close(true, true); const [r, c] = this.at(td);
        this.again = this.act.r === r && this.act.c === c && d.activeElement === td; this.from = null; this.go(r, c, e.shiftKey);
      });
      t.addEventListener("mouseover", e => { const td = e.buttons & 1 && !this.ed && e.target.closest("tbody td"); if (td && this.frame.contains(d.activeElement)) this.go(...this.at(td), true); });
      t.addEventListener("dblclick", e => { if (e.target.closest("tbody td") && !this.ed) this.edit(); });
      t.addEventListener("click", e => { if (e.pointerType === "touch" && this.again && e.target.closest("tbody td") && !this.ed) this.edit(); });
      t.addEventListener("focusin", e => { const td = e.target; if (td.matches("tbody td") && !td.classList.contains("at")) this.go(...this.at(td), false, true); });
      this.frame.addEventListener("copy", e => this.clip(e)); this.frame.addEventListener("cut", e => { if (this.clip(e)) this.clear(); });
      this.frame.addEventListener("paste", e => { if (this.ed) { if (!/[\t\n]/.test(e.clipboardData.getData("text/plain").trim())) return; this.close(false); } e.preventDefault(); e.stopPropagation(); this.paste(e.clipboardData.getData("text/plain")); });
      this.q("save").addEventListener("click", e => { e.stopPropagation(); this.save(); });
      this.q("undo").addEventListener("click", () => this.undo(this.done, this.undone, true)); this.q("redo").addEventListener("click", () => this.undo(this.undone, this.done, false));
      if (this.q("add")) this.q("add").addEventListener("click", () => { this.add(1); this.go(this.rows.length - 1, 0); });
      d.addEventListener("keydown", e => { if (e.ctrlKey && e.key === "s" && !e.defaultPrevented) { e.preventDefault(); this.save(); } });
      addEventListener("beforeunload", e => { if (this.dirty.size || this.ed && this.ed.input.value.trim() !== this.rows[this.ed.r].val[this.ed.c]) e.preventDefault(); });
    }
    at(td) { const tr = td.parentNode; return [tr.sectionRowIndex, td.cellIndex - 1]; }
    clip(e) { if (this.ed) return false; e.preventDefault(); e.clipboardData.setData("text/plain", this.copied()); const [r1, c1, r2, c2] = this.rect(); this.say(`已复制 ${(r2 - r1 + 1) * (c2 - c1 + 1)} 格`); return true; }
    key(e) {
      const mod = e.ctrlKey || e.metaKey, { act, end } = this, from = e.shiftKey ? end : act, k = e.key.length === 1 ? e.key.toLowerCase() : e.key;
      const arrow = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[k], last = this.rows.length - 1, wide = this.cols.length - 1;
      const did = () => { e.preventDefault(); e.stopPropagation(); };
      if (!e.target.matches("tbody td") || e.isComposing) return;
      if (arrow || /^(Home|End|Page)/.test(k)) this.from = null;
      if (k === "Tab") { if (this.tab(e.shiftKey)) did(); }
      else if (arrow && e.altKey && this.cols[act.c].kind === "choice") { did(); this.edit(); }
      else if (arrow) { did(); this.go(...(mod ? this.jump(from.r, from.c, ...arrow) : [from.r + arrow[0], from.c + arrow[1]]), e.shiftKey); }
      else if (k === "Home") { did(); this.go(mod ? 0 : from.r, 0, e.shiftKey); }
      else if (k === "End") { did(); this.go(mod ? last : from.r, wide, e.shiftKey); }
      else if (k === "PageUp" || k === "PageDown") { did(); this.go(from.r + (k === "PageUp" ? -PAGE : PAGE), from.c, e.shiftKey); }
      else if (k === "Enter") { did(); this.enter(e.shiftKey); }
      else if (k === "F2") { did(); this.edit(); }
      else if (k === "Escape") { did(); this.go(act.r, act.c); this.leaving = true; this.say("再按 Tab 离开表格。"); }
      else if (k === "Delete") { did(); this.clear(); }
      else if (k === "Backspace") { did(); this.edit("", true); }
      else if (mod && k === "a") { did(); this.go(0, 0); this.go(last, wide, true); }
      else if (mod && k === "d") { did(); this.fillDown(); }
      else if (mod && (k === "y" || k === "z" && e.shiftKey)) { did(); this.undo(this.undone, this.done, false); }
      else if (mod && k === "z") { did(); this.undo(this.done, this.undone, true); }
      else if (mod && k === "s") { did(); this.save(); }
      else if (k === "Process" || e.keyCode === 229) { e.stopPropagation(); this.edit("", true); }
      else if (!mod && !e.altKey && e.key.length === 1) { did(); this.edit(e.key, true); }
    }
  }
  $$("[data-sheet][data-save]:not([data-save=''])").forEach(box => new Sheet(box));
})();

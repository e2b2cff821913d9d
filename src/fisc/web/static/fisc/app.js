/* Fisc: what the pages need beyond htmx. No inline code anywhere (strict CSP). */
(() => {
  "use strict";
  const d = document, root = d.documentElement;
  const $ = (s, n = d) => n.querySelector(s), $$ = (s, n = d) => [...n.querySelectorAll(s)];
  const cookie = (k, v) => { d.cookie = `${k}=${v};path=/;max-age=31536000;SameSite=Lax`; };
  const say = t => { const l = $("#live"); if (l) { l.textContent = ""; setTimeout(() => { l.textContent = t; }, 30); } };

  /* ── money: whole 分 as BigInt, never a float ── */
  const UNITS = { yuan: ["元", 100n, 2], wan: ["万元", 1000000n, 2], yi: ["亿元", 10000000000n, 4] };
  const group = s => s.replace(/\B(?=(\d{3})+$)/g, ",");
  function fmt(fen, unit, places) {
    const [, div, dp] = UNITS[unit], p = BigInt(places ?? dp), neg = fen < 0n, a = neg ? -fen : fen, scale = 10n ** p;
    const n = (a * scale * 2n + div) / (div * 2n);               // half up
    const whole = group((n / scale).toString()), frac = p ? "." + (n % scale).toString().padStart(Number(p), "0") : "";
    return (neg && n ? "−" : "") + whole + frac;
  }
  const unit = () => root.dataset.unit || "yuan";
  function paint(scope) {
    const u = unit();
    $$("[data-fen]", scope).forEach(e => { e.textContent = fmt(BigInt(e.dataset.fen), u, u === "yi" && e.dataset.k ? 2 : undefined); });
    $$("[data-un]", scope).forEach(e => { e.textContent = UNITS[u][0]; });
  }
  function setUnit(u) {
    root.dataset.unit = u; cookie("unit", u); paint(d);
    $$(".units button").forEach(b => b.setAttribute("aria-pressed", b.value === u));
    say("金额单位：" + UNITS[u][0]);
  }
  /* what people type: commas, full-width digits, 1.2万 → 分 */
  function parseFen(t) {
    t = t.normalize("NFKC").replace(/[,\s¥元]/g, "").replace(/^[−－]/, "-");
    const m = /^(-?)(\d+)(?:\.(\d+))?([万亿]?)$/.exec(t);
    if (!m) return null;
    const shift = { "": 2, "万": 6, "亿": 10 }[m[4]], f = (m[3] || "").replace(/0+$/, "");
    if (f.length > shift) return null;
    const n = BigInt(m[2] + f.padEnd(shift, "0"));
    return m[1] ? -n : n;
  }
  const DIG = "零壹贰叁肆伍陆柒捌玖", POS = ["", "拾", "佰", "仟"], BIG = ["", "万", "亿", "万亿"];
  function words(fen) {
    const neg = fen < 0n; if (neg) fen = -fen;
    const yuan = fen / 100n, jiao = Number(fen / 10n % 10n), f = Number(fen % 10n);
    let s = "", zero = false;
    const t = yuan.toString(), groups = [];
    for (let e = t.length; e > 0; e -= 4) groups.unshift(t.slice(Math.max(0, e - 4), e));
    groups.forEach((g, i) => {
      let part = "";
      [...g.padStart(4, "0")].forEach((c, j) => { if (c === "0") zero = s !== "" || part !== ""; else { if (zero) part += "零"; zero = false; part += DIG[c] + POS[3 - j]; } });
      if (part) s += part + BIG[groups.length - 1 - i];
    });
    if (yuan) s += "元";
    if (!jiao && !f) return (neg ? "负" : "") + (s || "零元") + "整";
    if (jiao) s += DIG[jiao] + "角"; else if (yuan) s += "零";
    return (neg ? "负" : "") + s + (f ? DIG[f] + "分" : "整");
  }
  function leaveAmount(e) {
    const out = $("[data-words]", e.closest(".ctl") || d), fen = parseFen(e.value);
    if (!e.value.trim()) { if (out) out.textContent = ""; return; }
    if (fen === null) { if (out) out.textContent = "金额须为数字（元），最多两位小数"; e.setAttribute("aria-invalid", "true"); return; }
    e.removeAttribute("aria-invalid");
    const conv = /[万亿]/.test(e.value); e.value = fmt(fen, "yuan");
    if (out) out.textContent = (conv ? "已换算为元。" : "") + words(fen);
  }

  /* ── tooltip ── */
  const tip = d.createElement("div"); tip.className = "tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true");
  function showTip(e) {
    const g = e.target.closest && e.target.closest("[data-tip]");
    if (!g) { tip.hidden = true; return; }
    if (!tip.parentNode) d.body.append(tip);
    tip.textContent = g.dataset.tip.replaceAll("|", "\n"); tip.hidden = false;
    const r = tip.getBoundingClientRect(), x = Math.min(e.clientX + 14, innerWidth - r.width - 8);
    tip.style.left = x + "px"; tip.style.top = Math.max(6, Math.min(e.clientY - 10, innerHeight - r.height - 8)) + "px";
  }
  d.addEventListener("pointermove", showTip, { passive: true });

  /* ── ticked rows ── */
  function selection(form) {
    const boxes = $$("tbody input[name=ids]", form), on = boxes.filter(b => b.checked), all = $("thead input[data-all]", form);
    boxes.forEach(b => b.closest("tr").classList.toggle("on", b.checked));
    if (all) { all.checked = on.length > 0 && on.length === boxes.length; all.indeterminate = on.length > 0 && on.length < boxes.length; }
    const bar = $(".selbar"), fl = $(".fl");
    if (!bar) return;
    bar.hidden = !on.length; if (fl) fl.hidden = on.length > 0;
    let sum = 0n; on.forEach(b => { sum += BigInt(b.dataset.amount || 0); });
    $$("[data-sel=n]", bar).forEach(e => { e.textContent = on.length; });
    $$("[data-sel=sum]", bar).forEach(e => { e.textContent = fmt(sum, "yuan"); });
    $$("[data-step]", bar).forEach(b => {
      const ok = on.filter(x => (x.dataset.steps || "").split(" ").includes(b.dataset.step)).length;
      b.disabled = !ok; const part = $("small", b); if (part) part.textContent = ok && ok < on.length ? `（其中 ${ok} 笔可${b.dataset.label}）` : "";
    });
  }

  /* ── dialog: irreversible acts repeat count and sum; returning needs a reason ── */
  function openDialog(b) {
    const dlg = $("#" + b.dataset.dialog); if (!dlg) return;
    const n = $("[data-sel=n]", dlg); if (n && $(".selbar")) { n.textContent = $(".selbar [data-sel=n]").textContent; const s = $("[data-sel=sum]", dlg); if (s) s.textContent = $(".selbar [data-sel=sum]").textContent; }
    dlg.showModal(); const f = $("textarea,input:not([type=hidden])", dlg); if (f) f.focus();
  }

  function toast(text, kind, href) {
    const t = d.createElement("div"); t.className = "toast " + (kind || ""); t.textContent = text;
    if (href) { const a = d.createElement("a"); a.href = href; a.textContent = "查看"; t.append(a); }
    $("#toasts").append(t); say(text); setTimeout(() => t.remove(), kind === "error" ? 9000 : 4000);
  }

  /* ── unsaved changes ── */
  let dirty = false;
  addEventListener("beforeunload", e => { if (dirty) e.preventDefault(); });

  /* ── keys ── */
  let row = -1;
  function go(step) {
    const rows = $$(".tw tbody tr"); if (!rows.length) return;
    row = Math.max(0, Math.min(rows.length - 1, row + step));
    rows.forEach((r, i) => r.classList.toggle("cur", i === row)); rows[row].scrollIntoView({ block: "nearest" });
    const a = $("a[href]", rows[row]); if (a) a.focus({ preventScroll: true });
  }
  const press = s => { const e = $(s); if (e && !e.disabled) { e.click(); return true; } return false; };
  d.addEventListener("keydown", e => {
    const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && !/checkbox|radio/.test(e.target.type) || $("dialog[open]");
    if (e.altKey && e.code === "KeyA") { if (press("[data-key=approve]")) e.preventDefault(); return; }
    if (e.altKey && e.code === "KeyR") { if (press("[data-key=return]")) e.preventDefault(); return; }
    if (e.ctrlKey && e.key === "s") { if (press("[data-key=save]")) e.preventDefault(); return; }
    if (e.ctrlKey && e.key === "p") { if (press("[data-key=print]")) e.preventDefault(); return; }
    if (e.key === "Escape") { $$(".menu[open]").forEach(m => { m.open = false; }); $$(".sugg").forEach(s => { s.textContent = ""; }); if (inField && !$("dialog[open]")) e.target.blur(); return; }
    const sg = e.target.closest && e.target.closest(".ctl,.find"), list = sg ? $$(".sugg button,.sugg a", sg) : [];
    if (list.length && /^Arrow(Down|Up)$/.test(e.key)) {
      let i = list.indexOf(d.activeElement) + (e.key === "ArrowDown" ? 1 : -1); e.preventDefault(); (list[i] || $("input", sg)).focus(); return;
    }
    if (e.key === "Enter" && e.target.closest && e.target.closest("[data-grid]") && e.target.tagName === "INPUT") { e.preventDefault(); moveInGrid(e.target, 1, 0); return; }
    if (inField || e.ctrlKey || e.metaKey || e.altKey) return;
    const k = { "/": () => $("#find") && $("#find").focus(), j: () => go(1), k: () => go(-1), u: () => setUnit({ yuan: "wan", wan: "yi", yi: "yuan" }[unit()]),
      x: () => { const r = $(".tw tbody tr.cur input[name=ids]"); if (r) r.click(); }, "[": () => press("[data-key=prev]"), "]": () => press("[data-key=next]"),
      "?": () => openDialog({ dataset: { dialog: "keys" } }) }[e.key];
    if (k) { e.preventDefault(); k(); }
  });

  /* ── entry grids: Enter moves down; a block pasted from Excel fills cells ── */
  const cellsOf = tr => $$("input:not([type=hidden]):not([type=checkbox]),select", tr);
  function moveInGrid(el, dy, dx) {
    const tr = el.closest("tr"), x = cellsOf(tr).indexOf(el), rows = $$("tbody tr", el.closest("[data-grid]")), y = rows.indexOf(tr);
    let to = rows[y + dy]; if (!to && dy > 0) { press("[data-add-row]"); to = $$("tbody tr", el.closest("[data-grid]"))[y + dy]; }
    const c = to && cellsOf(to)[x + dx]; if (c) c.focus();
  }
  function addRow(grid) {
    const last = $$("tbody tr", grid).pop(); if (!last) return;
    const tr = last.cloneNode(true), n = $$("tbody tr", grid).length;
    $$("input,select", tr).forEach(e => { e.value = ""; e.name = e.name.replace(/-\d+-/, `-${n}-`); e.removeAttribute("id"); e.removeAttribute("aria-invalid"); });
    last.after(tr); const c = $("[data-count]", grid); if (c) c.value = n + 1;
  }
  d.addEventListener("paste", e => {
    const grid = e.target.closest && e.target.closest("[data-grid]"), text = e.clipboardData.getData("text/plain");
    if (!grid || !/[\t\n]/.test(text.trim())) return;
    e.preventDefault();
    const block = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map(l => l.split("\t"));
    let tr = e.target.closest("tr"); const x = cellsOf(tr).indexOf(e.target);
    block.forEach((line, i) => {
      if (i) { if (!tr.nextElementSibling) addRow(grid); tr = tr.nextElementSibling; }
      line.forEach((v, j) => { const c = cellsOf(tr)[x + j]; if (c) { c.value = v.trim(); c.dispatchEvent(new Event("change", { bubbles: true })); } });
    });
    dirty = true; say(`已粘贴 ${block.length} 行`);
  });

  /* ── clicks, changes ── */
  d.addEventListener("click", e => {
    const t = e.target.closest("[data-act],[data-dialog],[data-close],[data-add-row],[data-pick],[data-phrase],.units button"); 
    $$(".menu[open]").forEach(m => { if (!m.contains(e.target)) m.open = false; });
    if (!t) { const s = e.target.closest(".ctl,.find"); $$(".sugg").forEach(g => { if (!s || !s.contains(g)) g.textContent = ""; }); return; }
    if (t.matches(".units button")) setUnit(t.value);
    else if (t.dataset.dialog) openDialog(t);
    else if ("close" in t.dataset) t.closest("dialog").close();
    else if ("addRow" in t.dataset) addRow(t.closest("[data-grid]") || $("[data-grid]", t.closest("form") || d));
    else if (t.dataset.phrase) { const a = $("textarea", t.closest("form")); a.value = t.dataset.phrase; a.focus(); }
    else if (t.dataset.pick !== undefined) {
      const c = t.closest(".ctl"), h = $("input[type=hidden]", c), v = $("input[role=combobox]", c);
      h.value = t.dataset.pick; v.value = t.dataset.label; $(".sugg", c).textContent = ""; v.focus(); dirty = true;
      h.dispatchEvent(new Event("change", { bubbles: true }));
    }
    else if (t.dataset.act === "theme") { const dark = root.dataset.theme === "dark" || root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches; root.dataset.theme = dark ? "light" : "dark"; cookie("theme", root.dataset.theme); }
    else if (t.dataset.act === "density") { root.dataset.density = t.value; cookie("density", t.value); $$("[data-act=density]").forEach(b => b.setAttribute("aria-pressed", b === t)); }
    else if (t.dataset.act === "nav") { const on = $(".side").classList.toggle("shown"); t.setAttribute("aria-expanded", on); }
    else if (t.dataset.act === "fold") {
      const tr = t.closest("tr"), open = t.getAttribute("aria-expanded") === "true";
      if (open) { let n = tr.nextElementSibling; const lv = +tr.dataset.lv; while (n && +n.dataset.lv > lv) { const x = n.nextElementSibling; n.remove(); n = x; } t.setAttribute("aria-expanded", "false"); tr.classList.remove("open"); }
      else { t.setAttribute("aria-expanded", "true"); tr.classList.add("open"); window.htmx.ajax("GET", t.dataset.url, { target: tr, swap: "afterend" }); }
    }
    else if (t.dataset.act === "print") print();
  });
  d.addEventListener("change", e => {
    const t = e.target, f = t.closest("form");
    if (t.matches("[data-all]")) { $$("tbody input[name=ids]", t.closest("table")).forEach(b => { b.checked = t.checked; }); selection(t.closest("table")); }
    else if (t.name === "ids") selection(t.closest("table"));
    else if (t.matches("[data-go]")) { cookie(t.name, t.value); location.reload(); }
    else if (t.matches("[data-submit]")) f.requestSubmit();
    if (f && f.matches("[data-guard]")) dirty = true;
  });
  d.addEventListener("input", e => { const f = e.target.closest("form"); if (f && f.matches("[data-guard]")) dirty = true; if (e.target.matches("[role=combobox]")) { const h = $("input[type=hidden]", e.target.closest(".ctl")); if (h) h.value = ""; } });
  d.addEventListener("focusout", e => { if (e.target.matches && e.target.matches("[data-amount]")) leaveAmount(e.target); });
  d.addEventListener("submit", e => { dirty = false; const b = e.submitter; if (b && !b.name) setTimeout(() => { b.disabled = true; }); });
  ["dragover", "dragleave", "drop"].forEach(n => d.addEventListener(n, e => {
    const z = e.target.closest && e.target.closest(".drop"); if (!z) return;
    e.preventDefault(); z.classList.toggle("over", n === "dragover");
    if (n === "drop") { const i = $("input[type=file]", z); i.files = e.dataTransfer.files; i.dispatchEvent(new Event("change", { bubbles: true })); }
  }));

  /* ── htmx ── */
  d.addEventListener("htmx:afterSwap", e => { paint(e.target.parentNode || d); row = -1; const s = e.target.querySelector && e.target.querySelector("[data-say]"); if (s) say(s.dataset.say); });
  d.addEventListener("htmx:sendError", () => toast("网络连接失败，数据未提交。请检查网络后重试。", "error"));
  d.addEventListener("htmx:responseError", e => { const x = e.detail.xhr; if (x.status === 401 || x.status === 403 && /\/login\//.test(x.responseURL)) location.reload(); else toast(`操作未完成（${x.status}），数据未保存。${x.getResponseHeader("X-Error-Number") ? "错误号 " + x.getResponseHeader("X-Error-Number") : ""}`, "error"); });
  d.addEventListener("fisc:toast", e => toast(e.detail.text, e.detail.kind, e.detail.href));

  d.addEventListener("DOMContentLoaded", () => { $$("template[data-toast]").forEach(t => toast(t.dataset.toast, t.dataset.kind, t.dataset.href)); $$("[data-amount]").forEach(i => { if (i.value) leaveAmount(i); }); const bad = $("[aria-invalid=true]"); if (bad) bad.focus(); });
})();

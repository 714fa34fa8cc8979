/* SBilling page behaviours. No framework, no inline handlers (CSP: script-src 'self').
   Everything here is an enhancement: every link and form works without it.
   Names of htmx events stand in this file only. */
(() => {
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const rub = new Intl.NumberFormat('ru-RU', { style: 'currency', currency: 'RUB', maximumFractionDigits: 0 });
  const plural = (n, one, few, many) => {
    const a = n % 10, b = n % 100;
    return a === 1 && b !== 11 ? one : a >= 2 && a <= 4 && (b < 12 || b > 14) ? few : many;
  };
  const wide = () => matchMedia('(min-width:1200px)').matches;
  const cookie = (name, value, age) => { document.cookie = `${name}=${value};path=/;max-age=${age};samesite=lax`; };

  /* ---- Toasts: the live region is in the page from the start ---- */
  function toast(text, { bad = false, undo = '', link = '', label = '' } = {}) {
    const box = $('#toasts'); if (!box || !text) return;
    const t = document.createElement('div'); t.className = 'tst' + (bad ? ' bad' : '');
    const s = document.createElement('span'); s.textContent = text; t.append(s);
    if (undo) {
      const b = document.createElement('button'); b.type = 'button'; b.className = 'btn btn-flat btn-xs end'; b.textContent = 'Отменить';
      b.addEventListener('click', () => { t.remove(); htmx.ajax('POST', undo, { swap: 'none' }); });
      t.append(b);
    }
    if (link) { const a = document.createElement('a'); a.href = link; a.className = 'end'; a.target = '_blank'; a.rel = 'noopener'; a.textContent = label || 'Открыть'; t.append(a); }
    box.append(t); setTimeout(() => t.remove(), undo ? 10000 : bad ? 9000 : 5000);
  }
  document.addEventListener('toast', e => toast(e.detail.text || e.detail.value, e.detail));

  /* ---- Selects with search: a plain select without JS ---- */
  function enhance(root) {
    if (window.TomSelect) $$('select[data-ts]', root).forEach(el => {
      if (el.tomselect) return;
      const label = el.closest('.fld')?.querySelector('label,legend'), name = (label?.textContent || el.getAttribute('aria-label') || 'Варианты').trim();
      const url = el.dataset.tsUrl;
      const ts = new TomSelect(el, {
        // In a filter «Все» is an option too: that is how one value is reset alone (R2.14).
        plugins: {}, maxOptions: 100, hidePlaceholder: true, allowEmptyOption: !el.multiple && !!el.closest('.flt'), preload: url ? 'focus' : false,
        valueField: 'value', labelField: 'text', searchField: url ? [] : ['text'],
        ...(url ? { load: (q, done) => fetch(url + (url.includes('?') ? '&' : '?') + 'q=' + encodeURIComponent(q), { headers: { Accept: 'application/json' } }).then(r => r.json()).then(j => done(j.results)).catch(() => done()) } : {}),
        render: { no_results: () => '<div class="no-results p-2">Ничего не найдено</div>', loading: () => '<div class="p-2">Ищем…</div>' },
      });
      el.setAttribute('aria-label', name); ts.control_input.setAttribute('aria-label', name); ts.dropdown_content.setAttribute('aria-label', name);
    });
    $$('[data-when]', root).forEach(showDependent);
    listReady();
  }
  /* data-when="value:id": the field with that id is shown for that value only; several pairs stand apart by a space */
  function showDependent(el) {
    const plain = el.type === 'radio' && !el.checked;
    if (plain && el.form?.elements[el.name]?.value) return;
    el.dataset.when.split(' ').forEach(pair => {
      const [v, id] = pair.split(':'), target = document.getElementById(id);
      if (target) target.hidden = !(el.type === 'checkbox' ? el.checked === (v === 'on') : !plain && v.split('|').includes(el.value));
    });
  }

  /* ---- Row selection and the bulk bar ---- */
  const boxes = () => $$('#list input[name=pk]');
  function syncBulk() {
    const bulk = $('#bulk'); if (!bulk) return;
    const on = boxes().filter(b => b.checked), all = $('#sel-all'), every = $('#bulk-all');
    boxes().forEach(b => b.closest('tr').classList.toggle('is-sel', b.checked));
    if (every && !on.length) every.checked = false;
    bulk.hidden = !on.length;
    const [one, few, many] = (bulk.dataset.noun || 'строка,строки,строк').split(','), n = every?.checked ? +every.dataset.total || on.length : on.length;
    const sum = every?.checked ? 0 : on.reduce((t, b) => t + (+b.dataset.sum || 0), 0);
    $('[data-n]', bulk).textContent = `${plural(n, 'Выбран', 'Выбрано', 'Выбрано')} ${n} ${plural(n, one, few, many)}${sum ? ' · ' + rub.format(sum) : ''}`;
    if (all) { all.checked = on.length === boxes().length && on.length > 0; all.indeterminate = on.length > 0 && !all.checked; }
  }
  let last = null;
  document.addEventListener('click', e => {
    const box = e.target.closest('input[name=pk]');
    if (box) {                                            // Shift+click selects a range
      if (e.shiftKey && last) {
        const b = boxes(), [i, j] = [b.indexOf(last), b.indexOf(box)].sort((x, y) => x - y);
        b.slice(Math.max(i, 0), j + 1).forEach(x => { x.checked = box.checked; });
      }
      last = box;
    }
    const copy = e.target.closest('[data-copy]');
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast('Скопировано: ' + copy.dataset.copy));
    if (e.target.closest('[data-print]')) print();
    if (e.target.closest('[data-clear-sel]')) { boxes().forEach(b => { b.checked = false; }); syncBulk(); }
    if (e.target.closest('[data-toggle-filter]')) { e.preventDefault(); toggleFilter(); }
    const nb = e.target.closest('[data-nav]'); if (nb) nb.setAttribute('aria-expanded', $('.nav-l').classList.toggle('is-open'));
    const tg = e.target.closest('.tg');
    if (tg) { const o = tg.closest('li').classList.toggle('open'); tg.setAttribute('aria-expanded', o); }
    const th = e.target.closest('[data-theme]');
    if (th) { e.preventDefault(); const r = document.documentElement; r.dataset.bsTheme = r.dataset.bsTheme === 'dark' ? 'light' : 'dark'; cookie('theme', r.dataset.bsTheme, 31536000); }
    $$('details.menu[open]').forEach(m => { if (!m.contains(e.target) || e.target.closest('.dropdown-item')) m.open = false; });
    if (!e.target.closest('.top-search')) { const f = $('#gsearch-list'); if (f) f.replaceChildren(); }
  });
  document.addEventListener('change', e => {
    if (e.target.dataset?.when) showDependent(e.target);
    if (e.target.id === 'sel-all') boxes().forEach(b => { b.checked = e.target.checked; });
    if (e.target.id === 'bulk-all' && e.target.checked) boxes().forEach(b => { b.checked = true; });
    if (e.target.matches('input[name=pk]') && !e.target.checked && $('#bulk-all')) $('#bulk-all').checked = false;
    if (e.target.matches('#sel-all,#bulk-all,input[name=pk]')) syncBulk();
    const f = e.target.closest('#filters'); if (f) { f.classList.add('is-dirty'); recount(f); }
  });
  document.addEventListener('input', e => { const f = e.target.closest('#filters'); if (f && e.target.matches('input,textarea')) recount(f); });

  /* ---- «Отобразить N»: how many rows the filter being filled in would give ---- */
  let asking = null;
  function recount(form) {
    const box = $('[data-count]', form); if (!box) return;
    clearTimeout(form.sbT); asking?.abort(); box.textContent = '';
    form.sbT = setTimeout(() => {
      const q = new URLSearchParams([...new FormData(form)].filter(([n, v]) => v !== '' && !['all', 'sort', 'size'].includes(n)));
      q.append('format', 'count'); if ([...q.keys()].length === 1) q.append('all', '1');
      asking = new AbortController();
      fetch(`${form.dataset.countUrl || form.getAttribute('action')}?${q}`, { headers: { Accept: 'application/json' }, signal: asking.signal })
        .then(r => (r.ok ? r.json() : {})).then(j => { box.textContent = j.words || ''; }).catch(() => {});
    }, 350);
  }

  /* ---- Filter panel: open on wide screens (remembered), a drawer on narrow ones ---- */
  const filterShown = () => { const p = $('#filters'); return !!p && getComputedStyle(p).display !== 'none'; };
  function toggleFilter() {
    const p = $('#filters'); if (!p) return;
    if (wide()) { p.hidden = !p.hidden; p.classList.remove('is-open'); cookie('filter', p.hidden ? '0' : '1', 31536000); } else { p.hidden = false; p.classList.toggle('is-open'); }
    $('#list-wrap')?.classList.toggle('flt-open', wide() && !p.hidden);
    const open = filterShown(); $$('[data-toggle-filter][aria-expanded]').forEach(b => b.setAttribute('aria-expanded', open));
    if (open) $('select,input:not([type=hidden])', p)?.focus(); else $('[data-toggle-filter][aria-expanded]')?.focus();
  }
  let cur = -1, shown = '';
  function listReady() {
    syncBulk();
    $$('[data-toggle-filter][aria-expanded]').forEach(b => b.setAttribute('aria-expanded', filterShown()));
    const s = $('#list'), here = location.pathname + location.search; if (!s || here === shown) return;
    shown = here; cur = -1;
    s.scrollTop = +sessionStorage.getItem('scroll:' + here) || 0;   // «Назад» returns to the same place of the list (R2.42)
    s.onscroll = () => { clearTimeout(s.sbT); s.sbT = setTimeout(() => sessionStorage.setItem('scroll:' + shown, s.scrollTop), 150); };
  }

  /* ---- Keyboard: physical keys (event.code), so it works in the Russian layout too ---- */
  const rows = () => $$('.dt-main tbody tr[data-id]');
  function move(d) {
    const r = rows();
    if (!r.length) { $(d > 0 ? '[data-key=next]' : '[data-key=prev]')?.click(); return; }
    r[cur]?.classList.remove('is-cur'); cur = Math.max(0, Math.min(r.length - 1, cur + d));
    r[cur].classList.add('is-cur'); $('a.acc-n', r[cur])?.focus({ preventScroll: true }); r[cur].scrollIntoView({ block: 'nearest' });
  }
  const inRow = key => (rows()[cur] || document).querySelector(`[data-key=${key}]`)?.click();
  const keys = {
    Slash: e => (e.shiftKey ? $('[data-key=help]')?.click() : $('#gsearch')?.focus()),
    KeyJ: () => move(1), KeyK: () => move(-1),
    KeyX: () => { const b = rows()[cur] && $('input[name=pk]', rows()[cur]); if (b) { b.checked = !b.checked; syncBulk(); } },
    Enter: e => { if (rows()[cur] && !e.target.closest('a,button,summary,label,input')) { $('a.acc-n', rows()[cur])?.click(); return true; } return false; },
    KeyF: () => toggleFilter(), KeyI: () => inRow('outcome'), KeyP: () => inRow('renew'),
    KeyC: () => inRow('ticket'), KeyN: () => $('[data-key=connect]')?.click(),
  };
  let go = 0;
  document.addEventListener('keydown', e => {
    if (document.body.hasAttribute('data-no-keys')) return;
    if ((e.ctrlKey || e.metaKey) && e.code === 'KeyK') { e.preventDefault(); $('#gsearch')?.focus(); return; }
    if ((e.ctrlKey || e.metaKey) && e.code === 'Enter') { const f = e.target.closest('form[method=post]'); if (f) { e.preventDefault(); f.requestSubmit ? f.requestSubmit() : f.submit(); } return; }
    if (e.key === 'Escape') {
      if (document.activeElement?.id === 'gsearch') document.activeElement.blur();
      else if ($('details.menu[open]')) { const m = $('details.menu[open]'); m.open = false; $('summary', m).focus(); }
      else if ($('#filters.is-open')) toggleFilter();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || document.body.classList.contains('modal-open')) return;
    if (e.target.matches('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]')) return;
    if (go && Date.now() - go < 1200) { go = 0; const a = $(`.nav-l [data-go=${e.code}]`); if (a) { e.preventDefault(); a.click(); return; } }
    if (e.code === 'KeyG') { go = Date.now(); return; }
    const f = keys[e.code]; if (f && f(e) !== false) e.preventDefault();
  });

  /* ---- Dialogs: a link with href to a page and hx-get of the same URL into #dlg-body ---- */
  const modal = () => { const el = $('#dlg'); return el && window.bootstrap ? bootstrap.Modal.getOrCreateInstance(el) : null; };
  let opener = null;
  document.addEventListener('dialog-close', () => modal()?.hide());
  const FIELDS = ['input:not([type=hidden])', 'select', 'textarea'];
  function focusDialog() {
    const bad = $('#dlg [aria-invalid=true]'), now = document.activeElement;
    // Who is in a field already types there: taking the focus away would put his next letters elsewhere.
    if (!bad && $('#dlg-body')?.contains(now) && now.matches(FIELDS.join())) return;
    const first = form => $(FIELDS.map(f => `#dlg ${form} ${f}`).join());
    (bad || $('#dlg [autofocus]') || first('form[method=post] .modal-body') || first('.modal-body') || $('#dlg [data-submit]'))?.focus();
  }
  document.addEventListener('shown.bs.modal', focusDialog);
  document.addEventListener('hidden.bs.modal', () => { $('#dlg-body')?.replaceChildren(); if (opener?.isConnected) opener.focus(); });

  /* ---- The page once more, keeping focus, scroll and what is typed ---- */
  function reload() {
    if (!window.htmx || !$('#main')) { location.reload(); return; }
    // The rows that were here: those the filter no longer gives come back pale (core/lists/left.py).
    const here = $$('.dt-main tbody tr[data-id],.dt-main tbody tr[data-gone]').map(r => r.dataset.gone || r.dataset.pk || r.dataset.id);
    htmx.ajax('GET', location.pathname + location.search, { source: '#main', target: '#main', select: '#main', swap: 'morph:outerHTML', headers: here.length ? { 'X-Rows': here.join(',') } : {} });
  }
  document.addEventListener('page-reload', reload);
  document.addEventListener('session-expired', () => toast('Сессия закончилась. Войдите снова в новой вкладке и повторите: введенное сохранено здесь.', { bad: true, link: '/login/', label: 'Войти' }));

  /* ---- htmx 2.0 ---- */
  document.addEventListener('htmx:configRequest', e => {
    const token = $('meta[name=csrf-token]')?.content;
    if (token && e.detail.verb !== 'get') e.detail.headers['X-CSRFToken'] = token;
    const p = e.detail.parameters;
    if (e.detail.verb === 'get' && e.detail.elt.matches('form')) {    // a canonical URL has no empty parameters
      const names = [...new Set([...p.keys()])];
      names.forEach(n => { const v = p.getAll(n).filter(x => x !== ''); p.delete(n); v.forEach(x => p.append(n, x)); });
      if ([...p.keys()].some(n => n !== 'all')) p.delete('all');
    }
  });
  document.addEventListener('htmx:beforeSwap', e => { if (e.detail.target.id === 'dlg-body' && e.detail.shouldSwap) { if (!$('#dlg').classList.contains('show')) { opener = document.activeElement; modal()?.show(); } } });
  document.addEventListener('htmx:responseError', e => {
    if (e.detail.xhr.getResponseHeader('HX-Trigger')) return;         // the server said it itself
    const id = e.detail.xhr.getResponseHeader('X-Request-ID');
    toast('Сервер не выполнил действие. Данные не изменены, повторите.' + (id ? ' Номер ошибки ' + id + '.' : ''), { bad: true });
  });
  ['htmx:sendError', 'htmx:timeout'].forEach(n => document.addEventListener(n, () => toast('Нет связи с сервером. Данные не изменены, повторите действие.', { bad: true })));
  // A morph would take Tom Select's wrapper away and leave its select hidden: plain selects go in, searches come back after.
  document.addEventListener('htmx:beforeSwap', e => { if (e.detail.shouldSwap) $$('select', e.detail.target).forEach(el => el.tomselect?.destroy()); });
  document.addEventListener('htmx:afterSettle', e => {
    enhance(document);
    if (e.detail.target?.id === 'dlg-body' && $('#dlg').classList.contains('show')) focusDialog();
  });

  enhance(document);
  $('form [aria-invalid=true]')?.focus();                 // a page that came back with errors
})();

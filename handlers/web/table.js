// The table browser. It shows an edition of the table: its categories on one
// side, on the other what the chosen one asks for, beside what another edition
// asks for. What is chosen stands in the address behind #: 2026-02/社交/直播.
//
// Texts of the table are only ever put into the page as text.

const rooms = document.querySelector('#rooms');
const list = document.querySelector('#list');
const main = document.querySelector('#main');
const typed = document.querySelector('#typed');
const count = document.querySelector('#count');
const editionPicker = document.querySelector('#edition');
const withPicker = document.querySelector('#with');

const pause = 120; // ms without a key until what was typed is searched for
const title = document.title;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

function link(className, href, ...children) {
  const made = element('a', className, ...children);
  made.href = href;
  return made;
}

function button(className, label, act) {
  const made = element('button', className, label);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

async function get(path, parameters) {
  const response = await fetch(`api/table${path}?${new URLSearchParams(parameters)}`);
  if (response.ok) return response.json();
  if (response.status === 401 || response.status === 403) throw new Error('没有权限查看，请刷新后重新登录。');
  throw new Error(response.status === 404 ? '没有这个版本或类目，表可能刚更新过，请刷新页面。' : '没能读到这张表，请稍后刷新。');
}

// --- what is shown ---

let table; // the edition that is shown
let chosen; // { row }, { first } or nothing: a row, a first-level category, the edition
let request = 0; // numbers what is fetched for the main part, so that what comes late is dropped

const address = (edition, path) => `#${[edition, path].filter(Boolean).map((part) => encodeURIComponent(part).replaceAll('%2F', '/')).join('/')}`;
const here = (path) => address(table.edition.id, path);
const row = (key) => table.rows.find((each) => each.key === key);
const under = (first) => table.rows.filter((each) => each.path[0] === first);
const firsts = () => [...new Set(table.rows.map((each) => each.path[0]))];

function readAddress() {
  let text = '';
  try {
    text = decodeURIComponent(location.hash.slice(1));
  } catch {
    // somebody has cut it: the edition that answers is shown
  }
  const slash = text.indexOf('/');
  return slash < 0 ? { edition: text, path: '' } : { edition: text.slice(0, slash), path: text.slice(slash + 1) };
}

async function follow() {
  const { edition, path } = readAddress();
  const mine = ++request;
  try {
    if (!table || (edition && edition !== table.edition.id)) {
      const fetched = await get('', { edition });
      if (mine !== request) return;
      lay(fetched);
    }
  } catch (error) {
    complain(error);
    return;
  }
  chosen = row(path) ? { row: row(path) } : under(path).length ? { first: path } : undefined;
  rooms.classList.toggle('chosen', Boolean(chosen));
  markChosen();
  await show(mine);
}

let beside; // the edition to compare with that was picked; '' for none

// lay puts another edition onto the page.
function lay(fetched) {
  table = fetched;
  fill(editionPicker, table.editions.map((each) => [each.id, each.answers ? `${each.id}（回答用）` : each.id]), table.edition.id);
  const others = table.editions.map((each) => each.id).filter((id) => id !== table.edition.id);
  fill(withPicker, [['', '不对照'], ...others.map((id) => [id, id])],
    beside === '' || others.includes(beside) ? beside : others.at(-1) ?? '');
  document.querySelector('#beside').hidden = others.length === 0;
  document.querySelector('#facts').textContent = facts();
  search();
}

const facts = () => `${table.edition.publisher}《${table.edition.title}》${table.edition.id} 版，${firsts().length} 个大类，${table.edition.rows} 个类目。${table.edition.status ?? ''}`;

function fill(picker, options, value) {
  picker.replaceChildren(...options.map(([id, label]) => new Option(label, id)));
  picker.value = value;
  picker.disabled = false;
}

function complain(error) {
  main.replaceChildren(element('p', 'plain fault', error.message));
  main.firstChild.setAttribute('role', 'alert');
}

// --- the list ---

// levels is a row's name below its first level.
const levels = (path) => (path.length > 1 ? path.slice(1) : path).join(' › ');

function showGroups() {
  list.replaceChildren(...firsts().map((first) => {
    const rows = under(first);
    const group = element('details', 'group', element('summary', '', element('span', 'first', first), element('span', 'number', String(rows.length))));
    group.dataset.first = first;
    group.append(link('entry whole', here(first), `${first}：全部 ${rows.length} 个`), ...rows.map((each) => entry(each.key, levels(each.path))));
    return group;
  }));
  count.textContent = '';
  markChosen();
}

function entry(key, ...children) {
  const made = link('entry', here(key), ...children);
  made.dataset.key = key;
  return made;
}

function showHits(hits) {
  if (hits.length === 0) {
    const ask = link('ask', `./?q=${encodeURIComponent(typed.value.trim())}`, `问资质助手：${typed.value.trim()}`);
    list.replaceChildren(element('div', 'nothing', element('p', '', `${table.edition.id} 版的类目和资质里没有这几个字。`), ask));
  } else {
    list.replaceChildren(...hits.map(hitEntry));
  }
  count.textContent = `找到 ${hits.length} 个类目`;
  list.scrollTop = 0;
  markChosen();
}

function hitEntry(hit) {
  const names = hit.path.flatMap((level, i) => (i ? [' › ', ...pieces(level)] : pieces(level)));
  const found = hit.licence ? element('span', 'because', ...pieces(hit.licence), hit.means ? ` 即《${hit.means}》` : '') : '';
  return entry(hit.key, element('span', '', ...names), found);
}

const pieces = (parts) => parts.map((part) => (part.found ? element('mark', '', part.text) : part.text));

// markChosen shows where in the list the chosen row stands.
function markChosen() {
  for (const each of list.querySelectorAll('.entry')) {
    const is = chosen?.row ? each.dataset.key === chosen.row.key : Boolean(chosen?.first) && each.parentElement.dataset.first === chosen.first && each.classList.contains('whole');
    if (is) each.setAttribute('aria-current', 'page');
    else each.removeAttribute('aria-current');
  }
  const current = list.querySelector('[aria-current]');
  if (!current) return;
  if (current.closest('details')) current.closest('details').open = true;
  current.scrollIntoView({ block: 'nearest' });
}

let timer;
let searches = 0;

async function search() {
  clearTimeout(timer);
  const mine = ++searches;
  const q = typed.value.trim();
  if (!table) return;
  if (!q) {
    showGroups();
    return;
  }
  try {
    const hits = await get('/search', { edition: table.edition.id, q });
    if (mine === searches) showHits(hits);
  } catch (error) {
    if (mine === searches) list.replaceChildren(element('p', 'nothing', error.message));
  }
}

// --- the chosen row ---

async function show(mine) {
  const other = withPicker.value;
  let comparison;
  if (chosen?.row && other) {
    try {
      comparison = await get('/compare', { edition: table.edition.id, row: chosen.row.key, with: other });
    } catch (error) {
      if (mine === request) complain(error);
      return;
    }
  }
  if (mine !== request) return;
  main.replaceChildren(...(chosen?.row ? rowPage(comparison) : chosen?.first ? categoryPage() : [editionPage()]), sourceLine());
  main.scrollTop = 0;
  document.title = chosen ? `${chosen.row ? chosen.row.path.join(' › ') : chosen.first} · ${title}` : title;
}

function editionPage() {
  const e = table.edition;
  const groups = firsts().map((first) => link('card', here(first), element('b', '', first), element('span', '', `${under(first).length} 个类目`)));
  return element('article', 'overview',
    element('h2', '', `《${e.title}》`, element('small', '', `${e.id} 版`)),
    element('div', 'cards', ...groups));
}

function categoryPage() {
  const rows = under(chosen.first);
  return [
    bar(chosen.first),
    element('h2', '', chosen.first, element('small', '', `${table.edition.id} 版，${rows.length} 个类目`)),
    ...rows.map((each) => element('section', 'row', element('h3', '', link('', here(each.key), levels(each.path))), ...demands(each))),
  ];
}

function rowPage(comparison) {
  const shown = comparison?.here ?? chosen.row;
  const name = shown.path.at(-1);
  const trail = shown.path.slice(0, -1);
  const alone = !comparison?.there.length;
  const heading = element('header', 'heading',
    element('p', 'trail', ...trail.flatMap((level, i) => [i === 0 ? link('', here(level), level) : level, ' › '])),
    element('h2', '', name, alone ? element('small', '', `${table.edition.id} 版`) : ''),
    comparison ? verdict(comparison) : '');
  const above = [bar(`我要做${name}需要什么资质`), heading];
  if (alone) return [...above, element('section', 'row', ...demands(shown), official(shown))];
  return [...above, element('div', 'sides',
    side(comparison.edition, [shown], comparison.with),
    side(comparison.with, comparison.there, comparison.edition))];
}

function bar(question) {
  const back = link('back', here(''), '‹ 全部类目');
  back.addEventListener('click', () => typed.blur());
  return element('p', 'bar', back,
    link('act', `./?q=${encodeURIComponent(question)}`, '问资质助手'),
    button('act', '打印', () => window.print()));
}

function verdict(c) {
  if (c.same) return element('p', 'verdict same', `与 ${c.with} 版相同。`);
  if (!c.known) return element('p', 'verdict', `${c.with} 版没有对应的类目。`);
  if (c.there.length === 0) return element('p', 'verdict', `这个类目在 ${c.with} 版里没有了。`);
  const differs = JSON.stringify(c).includes('"differs"');
  return element('p', 'verdict', differs ? `与 ${c.with} 版不同，不同的文件已标出。` : `与 ${c.with} 版要的文件一样，但选择方式或写法不同。`);
}

// side is one edition's rows of a comparison.
function side(id, rows, other) {
  const { status } = table.editions.find((each) => each.id === id);
  const made = element('section', 'side-of',
    element('h3', 'edition', `${id} 版`, id === table.edition.id ? '' : element('small', '', '对照')),
    status ? element('p', 'status', status) : '');
  for (const each of rows) {
    const renamed = id !== table.edition.id && (rows.length > 1 || each.key !== chosen.row.key);
    made.append(element('section', 'row', renamed ? element('h4', '', link('', address(id, each.key), each.path.join(' › '))) : '', ...demands(each, other), official(each)));
  }
  return made;
}

// demands shows what a row asks for.
function demands(each, other) {
  const parts = [element('p', 'lead', each.lead)];
  if (each.unread) parts.push(element('p', 'words', each.words));
  if (each.need) parts.push(element('ul', `tree ${each.need.kind === 'any' ? 'any' : 'all'}`, ...(each.need.parts ?? [each.need]).map((part) => branch(part, other))));
  if (each.note) parts.push(element('p', 'note', `注：${each.note}`));
  for (const change of each.changes ?? []) parts.push(element('p', 'change', `⚠ ${change}`));
  return parts;
}

// branch shows a part of a requirement, what it consists of below it.
function branch(need, other) {
  const label = need.label ? element('span', 'label', `${need.label}：`) : '';
  if (!need.document) {
    return element('li', '', label, element('span', 'lead', need.lead), element('ul', `tree ${need.kind}`, ...need.parts.map((part) => branch(part, other))));
  }
  const { title: name, condition, differs } = need.document;
  const mark = { only: `${other} 版不要`, otherwise: `${other} 版要求不同` }[differs];
  return element('li', differs ? `differs ${differs}` : '', label, element('span', 'document', name),
    mark ? ' ' : '', mark ? element('span', 'badge', mark) : '',
    condition ? element('span', 'condition', `须满足：${condition}`) : '');
}

function official(each) {
  if (each.unread || each.words === '/') return '';
  return element('div', 'official', element('h5', '', '官方原文'), element('p', 'words', each.words));
}

function sourceLine() {
  return element('footer', 'source', `来源：${facts()}`);
}

// --- keys and pickers ---

const entries = () => [...list.querySelectorAll('.entry, summary')].filter((each) => each.checkVisibility());

// step moves the focus through the list; above its first entry is the field.
function step(by) {
  const all = entries();
  const at = all.indexOf(document.activeElement) + by;
  if (at < 0) typed.focus();
  else all[Math.min(at, all.length - 1)]?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = list.contains(document.activeElement);
  const inField = document.activeElement === typed;
  if (event.key === '/' && !inField) typed.select();
  else if (event.key === 'ArrowDown' && (inList || inField)) step(1);
  else if (event.key === 'ArrowUp' && inList) step(-1);
  else if (event.key === 'Enter' && inField) search().then(() => entries().find((each) => each.tagName === 'A')?.click());
  else if (event.key === 'Escape' && inList) typed.focus();
  else return;
  event.preventDefault();
});

typed.addEventListener('input', (event) => {
  clearTimeout(timer);
  timer = setTimeout(search, event.isComposing ? 3 * pause : pause);
});

list.addEventListener('click', (event) => {
  if (event.target.closest('.entry')) main.focus({ preventScroll: true });
});

editionPicker.addEventListener('change', () => {
  const to = editionPicker.value;
  const known = chosen?.row && to === withPicker.value ? main.querySelector('.side-of h4 a')?.hash : undefined;
  location.hash = known ?? address(to, chosen?.row?.key ?? chosen?.first);
});

withPicker.addEventListener('change', () => {
  beside = withPicker.value;
  show(++request);
});

window.addEventListener('hashchange', follow);

follow();

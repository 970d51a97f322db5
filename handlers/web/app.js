// The chat page. What is typed or tapped goes to /chat, where it becomes a WeChat
// message; what comes back is shown as WeChat shows it.
//
// Text is only ever put into the page as text. Of all markup one thing has a
// meaning: WeChat's links for choices, which become buttons.

const log = document.querySelector('#log');
const title = document.querySelector('#title');
const composer = document.querySelector('#composer');
const words = document.querySelector('#words');
const send = document.querySelector('#send');

const name = '资质助手';
const patience = 10_000; // ms until an answer counts as lost
const silence = 5 * 60_000; // ms after which the time is shown again
const typingAfter = 150; // ms; faster answers need no sign that one is coming
const choice = /<a href="weixin:\/\/bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=(\d+)">([^<]*)<\/a>/g;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function template(id) {
  return document.querySelector(id).content.firstElementChild.cloneNode(true);
}

// --- showing ---

let lastShown = 0;

function showTime() {
  const now = new Date();
  if (now - lastShown > silence) {
    const time = element('time', 'stamp', now.toTimeString().slice(0, 5));
    time.dateTime = now.toISOString();
    log.append(time);
  }
  lastShown = now;
}

// show adds a bubble; who is 'me' or 'bot'.
function show(who, content) {
  showTime();
  const avatar = element('img', 'avatar');
  Object.assign(avatar, { src: `${who}.svg`, alt: '', width: 40, height: 40 });
  const speaker = element('span', 'weui-hidden_abs', who === 'me' ? '我：' : `${name}：`);
  const message = element('div', `message from-${who}`, avatar, element('p', 'bubble', speaker, ...content));
  log.append(message);
  return message;
}

// readable splits an answer into text and choices.
function readable(text) {
  const parts = [];
  let done = 0;
  for (const found of text.matchAll(choice)) {
    parts.push(text.slice(done, found.index), choiceButton(found[1], Number(found[2]), found[3]));
    done = found.index + found[0].length;
  }
  parts.push(text.slice(done));
  return parts;
}

function choiceButton(content, menu, label) {
  const button = element('button', 'choice', label);
  button.type = 'button';
  button.addEventListener('click', () => say(content, menu));
  return button;
}

function notice(text, ...more) {
  const line = element('p', 'notice', text, ...more);
  log.append(line);
  return line;
}

// reveal scrolls to the end, but not so far that what was asked leaves the view.
function reveal(asked) {
  const top = asked ? asked.offsetTop - 12 : Infinity;
  log.scrollTo({ top: Math.min(top, log.scrollHeight - log.clientHeight) });
}

function startTyping(asked) {
  let dots;
  const timer = setTimeout(() => {
    title.textContent = '对方正在输入…';
    dots = template('#typing');
    log.append(dots);
    reveal(asked);
  }, typingAfter);
  return () => {
    clearTimeout(timer);
    title.textContent = name;
    dots?.remove();
  };
}

// --- sending ---

let queue = Promise.resolve(); // one message after the other, so that answers come in order

function say(text, menu) {
  const asked = show('me', [text]);
  reveal(asked);
  post(menu ? { text, menu } : { text }, asked);
}

function post(message, asked) {
  queue = queue.then(() => exchange(message, asked));
  return queue;
}

async function exchange(message, asked) {
  const stopTyping = startTyping(asked);
  try {
    const response = await fetch('chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(patience),
    });
    stopTyping();
    if (response.ok) showAnswer(await response.json());
    else if (response.status === 413) notice('这条消息太长了，请分成几条发送。');
    else if (response.status === 401 || response.status === 403) notice('没有权限使用这个页面，请刷新后重新登录。');
    else offerRetry('刚才没有收到回复。', message, asked);
  } catch {
    stopTyping();
    offerRetry('网络好像断开了，没能连上服务器。', message, asked);
  }
  reveal(asked);
}

function showAnswer(answer) {
  if (answer.text) show('bot', readable(answer.text));
  if (answer.transfer) notice('正在为您转接人工客服，请稍候。');
}

function offerRetry(reason, message, asked) {
  const retry = element('button', 'retry', '点此重试');
  retry.type = 'button';
  const line = notice(reason, retry);
  retry.addEventListener('click', () => {
    line.remove();
    words.focus();
    post(message, asked).then(() => asked || showExamples());
  });
}

function showExamples() {
  if (log.querySelector('.examples') || !log.querySelector('.from-bot')) return;
  const examples = template('#examples');
  for (const button of examples.children) {
    button.addEventListener('click', () => say(button.textContent));
  }
  log.append(examples);
}

// --- writing ---

function fit() {
  send.disabled = words.value.trim() === '';
  words.style.height = 'auto';
  words.style.height = `${words.scrollHeight}px`;
}

words.addEventListener('input', fit);

words.addEventListener('keydown', (event) => {
  const composing = event.isComposing || event.keyCode === 229; // Enter then takes what the input method offers
  if (event.key !== 'Enter' || event.shiftKey || composing) return;
  event.preventDefault();
  composer.requestSubmit();
});

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = words.value.trim();
  if (text === '') return;
  words.value = '';
  fit();
  words.focus();
  say(text);
});

window.addEventListener('resize', () => reveal());

fit();
if (!matchMedia('(pointer: coarse)').matches) words.focus(); // on a phone the keyboard would cover the page
post({ event: 'subscribe' }).then(showExamples);

const asked = new URLSearchParams(location.search).get('q'); // the table browser leads here with a question
if (asked) {
  history.replaceState(null, '', location.pathname); // so that loading the page again does not ask again
  say(asked);
}

// Makes and reads messages with two implementations of WeChat's crypto that are
// independent of this module's, both MIT: @wecom/crypto and wechat-crypto.
//
//   npm install --prefix SCRATCH @wecom/crypto@1.0.1 wechat-crypto@0.0.2
//   cp vectors.mjs SCRATCH/ && node SCRATCH/vectors.mjs > vectors.json
//
// With the argument "read" it reads sealed replies from standard input, an array of
// {by, token, key, appid, timestamp, nonce, encrypt, msg_signature}, and writes the array of
// their plaintexts; a wrong signature or app id becomes an "error: …" instead.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as wecom from '@wecom/crypto';

const WXBizMsgCrypt = createRequire(import.meta.url)('wechat-crypto');

const implementations = {
  '@wecom/crypto': {
    sign: (a, timestamp, nonce, encrypt) => wecom.getSignature(a.token, timestamp, nonce, encrypt),
    encrypt: (a, text) => wecom.encrypt(a.key, text, a.appid),
    decrypt: (a, encrypt) => wecom.decrypt(a.key, encrypt),
  },
  'wechat-crypto': {
    sign: (a, timestamp, nonce, encrypt) => new WXBizMsgCrypt(a.token, a.key, a.appid).getSignature(timestamp, nonce, encrypt),
    encrypt: (a, text) => new WXBizMsgCrypt(a.token, a.key, a.appid).encrypt(text),
    decrypt: (a, encrypt) => new WXBizMsgCrypt(a.token, a.key, a.appid).decrypt(encrypt),
  },
};

const accounts = [
  { token: 'spamtest', key: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', appid: 'wx2c2769f8efd9abc2' },
  { token: '资质token', key: '0KqPsy8fFRcaPSGpWBuVGD1XeLlSBCrIlKLo6OAiPNT', appid: 'wx-a-much-longer-app-id-0123456789' },
];

const user = 'oUser_0123456789ABCDEFGHIJK';
const service = 'gh_0123456789ab';

const texts = [
  '我要做直播需要什么证',
  '😀'.repeat(7),
  'a < b && c > "d" ]] > e',
  '两行\n文字\t制表',
  '直播'.repeat(400),
  ...Array.from({ length: 32 }, (_, n) => 'x'.repeat(n + 1)), // all sorts of padding
];

const xml = (from, to, text, id) =>
  `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName>` +
  `<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content>` +
  `${id ? `<MsgId>${id}</MsgId>` : ''}</xml>`;

function vector(by, account, direction, text, n) {
  const plaintext = direction === 'message' ? xml(user, service, text, 23456789012345000n + BigInt(n)) : xml(service, user, text);
  const [timestamp, nonce] = ['1700000000', String(1372623149 + n)];
  const code = implementations[by];
  const encrypt = code.encrypt(account, plaintext);
  return {
    by, direction, ...account, timestamp, nonce, text, plaintext, encrypt,
    signature: code.sign(account, timestamp, nonce, ''),
    msg_signature: code.sign(account, timestamp, nonce, encrypt),
  };
}

function make() {
  const vectors = [];
  texts.forEach((text, n) => {
    for (const direction of ['message', 'reply']) {
      const by = Object.keys(implementations)[n % 2];
      vectors.push(vector(by, accounts[(n >> 1) % 2], direction, text, n));
    }
  });
  return vectors;
}

function read(sealed) {
  const code = implementations[sealed.by];
  if (code.sign(sealed, sealed.timestamp, sealed.nonce, sealed.encrypt) !== sealed.msg_signature) return 'error: signature';
  const { message, id } = code.decrypt(sealed, sealed.encrypt);
  return id === sealed.appid ? message : `error: app id ${id}`;
}

const result = process.argv[2] === 'read' ? JSON.parse(readFileSync(0, 'utf8')).map(read) : make();
process.stdout.write(JSON.stringify(result, null, 1) + '\n');

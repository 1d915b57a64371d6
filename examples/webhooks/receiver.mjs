// Prints what a webhook tells, if it comes from us and is not known yet. Needs nothing but Node.js 18 or newer.
//
//     WEBHOOK_SECRET=whsec_… node receiver.mjs 9000

import {createHmac, timingSafeEqual} from 'node:crypto';
import {createServer} from 'node:http';

const secrets = process.env.WEBHOOK_SECRET.split(/\s+/).map((text) => Buffer.from(text.replace('whsec_', ''), 'base64'));
const tooOld = 300;  // seconds: what was overheard cannot be sent again later
const known = new Set();

createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const believed = isOurs(request.headers, body);
    response.writeHead(believed ? 204 : 401).end();
    if (believed) tell(request.headers['webhook-id'], JSON.parse(body));
}).listen(Number(process.argv[2] ?? 9000), '127.0.0.1');

// Whether one of the secrets signed this, and lately.
function isOurs({'webhook-id': id = '', 'webhook-timestamp': sent = '', 'webhook-signature': signed = ''}, body) {
    if (!(Math.abs(Date.now() / 1000 - Number(sent)) < tooOld)) return false;
    const given = signed.split(' ').map((word) => Buffer.from(word.replace('v1,', ''), 'base64'));
    return secrets.some((secret) => {
        const good = createHmac('sha256', secret).update(`${id}.${sent}.`).update(body).digest();
        return given.some((one) => one.length === good.length && timingSafeEqual(one, good));
    });
}

// One whose answer was lost is sent again.
function tell(id, told) {
    if (known.has(id)) return;
    known.add(id);
    console.log(told.type, told.id, ...told.output.map((file) => file.filename));
}

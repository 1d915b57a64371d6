import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';

globalThis.document ??= { documentElement: { dataset: {} } };
const { foundIn, foundInFile, nameOf, NothingFound, sentenceOf, wrongName } = await import(
    '../../../src/comfy_gen/studio/static/views/workflows/found.js'
);
const { isPng, textsOf } = await import('../../../src/comfy_gen/studio/static/views/workflows/png.js');

const API = { 1: { class_type: 'A', inputs: {} }, 2: { class_type: 'B', inputs: { x: ['1', 0] } } };
const EDITOR = {
    nodes: [
        { id: 1, type: 'A' },
        { id: 2, type: 'Note' },
    ],
    links: [],
};
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(kind, ...parts) {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(kind), body, Buffer.alloc(4)]);
}

const png = (...chunks) =>
    new Uint8Array(Buffer.concat([SIGNATURE, chunk('IHDR', Buffer.alloc(13)), ...chunks, chunk('IEND')]));
const file = (content, name, type = '') => Object.assign(new Blob([content], { type }), { name });

test('a workflow in API format is found', () => {
    const found = foundIn(JSON.stringify(API), 'My_Flow (2).json');
    assert.equal(found.format, 'api');
    assert.equal(found.name, 'my_flow-2');
    assert.equal(found.title, 'My Flow (2)');
    assert.match(sentenceOf(found), /^2 nodes in My_Flow \(2\)\.json\. It is in API format/);
});

test("a workflow in the editor's format is found, its notes not counted", () => {
    assert.match(sentenceOf(foundIn(JSON.stringify(EDITOR))), /^1 node in what was pasted\. .* converted/);
});

test('a workflow is found within the body of a request', () => {
    assert.deepEqual(foundIn(JSON.stringify({ prompt: API, client_id: 'x' })).workflow, API);
});

test('what is none is refused in words', () => {
    for (const [text, said] of [
        ['{"1": ', /no JSON/],
        ['{"a": 1}', /no nodes/],
        ['[]', /no nodes/],
        ['null', /no nodes/],
        ['{"nodes": []}', /no nodes/],
    ])
        assert.throws(() => foundIn(text), said);
});

test('texts of a picture are read, packed and not', async () => {
    const texts = await textsOf(
        png(
            chunk('tEXt', 'plain\0', 'caf\xe9'.normalize(), ''),
            chunk('tEXt', Buffer.from('latin\0caf\xe9', 'latin1')),
            chunk('zTXt', 'packed\0\0', deflateSync('{"a": 1}')),
            chunk('iTXt', 'both\0\x01\0en\0Beides\0', deflateSync('漢字')),
            chunk('iTXt', 'wide\0\0\0\0\0', '漢字'),
            chunk('tEXt', 'plain\0', 'second'),
        ),
    );
    assert.deepEqual(Object.fromEntries(texts), {
        plain: 'café',
        latin: 'café',
        packed: '{"a": 1}',
        both: '漢字',
        wide: '漢字',
    });
});

test('what is not packed as it should be, and what is cut off, is left out', async () => {
    const whole = png(chunk('zTXt', 'broken\0\0', 'nonsense'), chunk('tEXt', 'good\0yes'));
    assert.deepEqual([...(await textsOf(whole))], [['good', 'yes']]);
    assert.deepEqual([...(await textsOf(whole.subarray(0, whole.length - 20)))], []);
    assert.ok(isPng(whole) && !isPng(new Uint8Array(3)));
});

test('a picture gives what ran, without the notes on its files', async () => {
    const prompt = { 1: { class_type: 'A', inputs: {}, is_changed: [NaN] } };
    const text = JSON.stringify(prompt).replace('[null]', '[NaN]');
    const found = await foundInFile(
        file(png(chunk('tEXt', `prompt\0${text}`), chunk('tEXt', `workflow\0${JSON.stringify(EDITOR)}`)), 'a.png'),
    );
    assert.equal(found.format, 'api');
    assert.deepEqual(found.workflow, { 1: { class_type: 'A', inputs: {} } });
});

test('a picture that has only what the editor opens gives that', async () => {
    const found = await foundInFile(
        file(png(chunk('tEXt', 'prompt\0nonsense'), chunk('tEXt', `workflow\0${JSON.stringify(EDITOR)}`)), 'a.png'),
    );
    assert.equal(found.format, 'editor');
});

test('pictures without a workflow say so', async () => {
    await assert.rejects(foundInFile(file(png(), 'a.png')), /carries no workflow/);
    await assert.rejects(foundInFile(file(png(chunk('tEXt', 'parameters\0Steps: 4')), 'a.png')), /settings as text/);
    await assert.rejects(foundInFile(file('x', 'a.jpg', 'image/jpeg')), NothingFound);
});

test('names are made of what is there', () => {
    assert.equal(nameOf('Überblick: Größe!'), 'uberblick-gro-e');
    assert.equal(nameOf('--__'), '');
    assert.equal(nameOf('<img src=x>'), 'img-src-x');
});

test('names that cannot be say why', () => {
    const others = [
        { name: 'sd15', source: 'shipped', is_changeable: false },
        { name: 'mine', source: 'saved', is_changeable: true },
        { name: 'theirs', source: 'saved', is_changeable: false },
    ];
    assert.match(wrongName('', others), /needs/);
    assert.match(wrongName('A b', others), /Use a-z/);
    assert.match(wrongName('a.json', others), /without/);
    assert.match(wrongName('sd15', others), /ships/);
    assert.match(wrongName('theirs', others), /else/);
    assert.equal(wrongName('mine', others), '');
});

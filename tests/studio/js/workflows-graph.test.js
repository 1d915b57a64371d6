import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGraph, shortened, valueText } from '../../../src/comfy_gen/studio/static/views/workflows/graph.js';
import { crossings, layered } from '../../../src/comfy_gen/studio/static/views/workflows/layers.js';
import { layOut, pathOf } from '../../../src/comfy_gen/studio/static/views/workflows/laying.js';

const node = (class_type, inputs = {}, title = '') => ({ class_type, inputs, ...(title && { _meta: { title } }) });

const PICTURE = {
    9: node('SaveImage', { images: ['8', 0], filename_prefix: 'x' }),
    8: node('VAEDecode', { samples: ['5', 0], vae: ['1', 2] }),
    5: node(
        'KSampler',
        { model: ['1', 0], positive: ['2', 0], negative: ['3', 0], latent_image: ['4', 0], seed: 7 },
        'Sampler',
    ),
    4: node('EmptyLatentImage', { width: 512 }),
    3: node('CLIPTextEncode', { clip: ['1', 1], text: 'no' }),
    2: node('CLIPTextEncode', { clip: ['1', 1], text: 'yes' }),
    1: node('CheckpointLoaderSimple', { ckpt_name: 'a.safetensors' }),
};

/** A graph of many nodes that is always the same one. */
function large(count) {
    let seed = 1;
    const next = () => {
        seed = (seed * 48271) % 2147483647;
        return seed / 2147483647;
    };
    const graph = {};
    for (let at = 0; at < count; at += 1) {
        const inputs = { value: at };
        for (let link = 0; link < 2 && at > 2; link += 1)
            inputs[`image${link}`] = [String(Math.max(0, at - 1 - Math.floor(next() * 12))), 0];
        graph[at] = node('Blend', inputs);
    }
    return graph;
}

test('nodes come after those that they take from', () => {
    const { nodes } = readGraph(PICTURE);
    const order = nodes.map(({ id }) => id);
    for (const { id, takes } of nodes)
        for (const { from } of takes) assert.ok(order.indexOf(from) < order.indexOf(id), `${from} before ${id}`);
});

test('a node has its title, its own values, and what it is connected to', () => {
    const sampler = readGraph(PICTURE).nodes.find(({ id }) => id === '5');
    assert.equal(sampler.title, 'Sampler');
    assert.deepEqual(sampler.values, [['seed', 7]]);
    assert.deepEqual(
        sampler.takes.map(({ input, from, kind }) => [input, from, kind]),
        [
            ['model', '1', 'model'],
            ['positive', '2', 'conditioning'],
            ['negative', '3', 'conditioning'],
            ['latent_image', '4', 'latent'],
        ],
    );
    assert.deepEqual(
        sampler.gives.map(({ to, input }) => [to, input]),
        [['8', 'samples']],
    );
});

test('what an output is, one of those that take it tells for all', () => {
    const { links } = readGraph({
        1: node('A'),
        2: node('B', { anything: ['1', 0] }),
        3: node('C', { images: ['1', 0] }),
        4: node('D', { any_3: ['2', 0] }),
    });
    assert.deepEqual(
        links.map(({ kind }) => kind),
        ['image', 'image', 'other'],
    );
});

test('a link from a node that is not there is told, and not drawn', () => {
    const { links, broken } = readGraph({ 1: node('A', { images: ['7', 0] }) });
    assert.equal(links.length, 0);
    assert.equal(broken[0].from, '7');
});

test('a circle is drawn too', () => {
    const graph = readGraph({ 1: node('A', { x: ['2', 0] }), 2: node('B', { x: ['1', 0] }) });
    assert.equal(graph.nodes.length, 2);
    const { boxes, ways } = layOut(graph);
    assert.equal(boxes.length, 2);
    assert.equal(ways.length, 2);
});

test('a list that is no link is a value', () => {
    const [one] = readGraph({ 1: node('A', { size: [1, 2], names: ['a', 'b'] }) }).nodes;
    assert.equal(one.values.length, 2);
});

test('nothing at all is an empty drawing', () => {
    assert.deepEqual(layOut(readGraph({})).boxes, []);
});

test('each stands right of those that it takes from, and none on another', () => {
    for (const api of [PICTURE, large(80)]) {
        const { boxes } = layOut(readGraph(api));
        const by = new Map(boxes.map((box) => [box.node.id, box]));
        for (const box of boxes)
            for (const { from } of box.node.takes) assert.ok(by.get(from).x + by.get(from).width < box.x);
        for (const a of boxes)
            for (const b of boxes)
                if (a !== b && a.x === b.x) assert.ok(a.y + a.height <= b.y || b.y + b.height <= a.y);
        assert.ok(boxes.every(({ x, y }) => x >= 0 && y >= 0));
    }
});

test('what takes from nobody stands beside who takes from it', () => {
    const { boxes } = layOut(
        readGraph({
            1: node('A'),
            2: node('B', { x: ['1', 0] }),
            3: node('C', { x: ['2', 0], vae: ['4', 0] }),
            4: node('V'),
        }),
    );
    const x = Object.fromEntries(boxes.map((box) => [box.node.id, box.x]));
    assert.equal(x[4], x[2]);
});

test('links that crossed are uncrossed', () => {
    const nodes = ['a', 'b', 'c', 'x', 'y', 'z'].map((id) => ({ id, height: 10 }));
    const edges = [
        { from: 'a', to: 'z' },
        { from: 'b', to: 'y' },
        { from: 'c', to: 'x' },
    ];
    assert.equal(crossings(layered(nodes, edges).columns), 0);
});

test('long links go by all columns between their ends', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => ({ id, height: 10 }));
    const edges = [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
        { from: 'c', to: 'd' },
        { from: 'a', to: 'd' },
    ];
    const { columns, chains } = layered(nodes, edges);
    assert.deepEqual(
        columns.map((column) => column.length),
        [1, 2, 2, 1],
    );
    assert.equal(chains.get('a\n0\nd').length, 4);
});

test('300 nodes are laid out with few crossings', () => {
    const graph = readGraph(large(300));
    const sized = graph.nodes.map(({ id }) => ({ id, height: 60 }));
    const { columns } = layered(sized, graph.links);
    const unsorted = columns.map((column) => [...column].sort((a, b) => (a.key < b.key ? -1 : 1)));
    assert.ok(crossings(columns) < crossings(unsorted) / 2);
    assert.equal(layOut(graph).ways.length, graph.links.length);
});

test('a curve begins and ends where it is to', () => {
    assert.equal(pathOf({ x: 0, y: 5 }, [], { x: 100, y: 50 }), 'M0 5C50 5 50 50 100 50');
    assert.match(pathOf({ x: 0, y: 5 }, [{ x: 50, y: 9 }], { x: 400, y: 50 }), /^M0 5C.* 50 9H280C.* 400 50$/);
});

test('values are written in one line, and shortened by how wide they are', () => {
    assert.equal(valueText('a\n b'), 'a b');
    assert.equal(valueText([1, { a: null }]), '[1,{"a":null}]');
    assert.equal(shortened('abcdef', 4), 'abcd…');
    assert.equal(shortened('abcd', 4), 'abcd');
    assert.equal(shortened('漢字漢字', 4), '漢字…');
});

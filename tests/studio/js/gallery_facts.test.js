import assert from 'node:assert/strict';
import { before, test } from 'node:test';

let facts;
before(async () => {
    facts = await import('../../../src/comfy_gen/studio/static/views/gallery/facts.js');
});

const GENERATION = {
    generation_id: 'g1',
    created: 1_700_000_000,
    recipe: { checkpoint: null, loras: [{ filename: 'ink.safetensors', strength: 0.8 }], steps: 20, cfg: null },
    seed: 0,
    workflow: '',
    categories: [],
    models: [{ folder: 'checkpoints', file: 'dream.safetensors' }],
    engine: 'gpu-1',
    comfyui_version: '0.3.75',
    timings: { waited: 0.01, generate: 6.5, nodes: { 3: 1 } },
    passed: false,
    score: 0.3149,
    take: 2,
    takes: 3,
    tier: 'general',
    repeats: null,
};
const FILE = { filename: 'a.png', size: 812, width: 512, height: 768 };

test('settings have what is known, and say nothing of the rest', () => {
    const said = Object.fromEntries(facts.settingsOf(GENERATION, FILE));
    assert.equal(said['Seed'], '0');
    assert.equal(said['Model'], 'dream.safetensors');
    assert.equal(said['LoRAs'], 'ink.safetensors × 0.8');
    assert.equal(said['Size'], '512 × 768');
    assert.ok(!('CFG' in said) && !('Categories' in said));
});

test('how it went is told with its stages and its judgement', () => {
    const said = Object.fromEntries(facts.courseOf(GENERATION, FILE));
    assert.equal(said['Took'], 'generate 6.5 s');
    assert.equal(said['Judged'], 'Did not pass');
    assert.equal(said['Like the prompt'], '0.31');
    assert.equal(said['Takes'], '3, of which this is number 2');
    assert.equal(said['Engine'], 'gpu-1, ComfyUI 0.3.75');
});

test('differences of several stand side by side, the first first', () => {
    const found = [
        { differences: [{ field: 'recipe.steps', before: 20, after: 30 }] },
        {
            differences: [
                { field: 'seed', before: 1, after: 2 },
                { field: 'artifacts', before: ['x'], after: ['y'] },
            ],
        },
    ];
    assert.deepEqual(facts.differencesOf(found), [
        { name: 'Steps', values: ['20', '30', '20'] },
        { name: 'Seed', values: ['1', '1', '2'] },
    ]);
});

test('values are written as people read them', () => {
    assert.equal(facts.textOf(null), '–');
    assert.equal(facts.textOf(false), 'no');
    assert.equal(facts.textOf([]), '–');
    assert.equal(facts.textOf([{ filename: 'a', strength: 1 }]), 'filename a strength 1');
    assert.equal(facts.nameOf('nodes.3.seed'), 'Nodes, 3, seed');
    assert.equal(facts.nameOf('negative_prompt'), 'Negative prompt');
});

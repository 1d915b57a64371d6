import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applied, parametersOf, valueText } from '../../../src/comfy_gen/studio/static/views/grids/parameters.js';
import {
    BLANK,
    cellsOf,
    cellText,
    draftAt,
    labelsOf,
    nameOf,
    planned,
    recipeText,
    seeded,
} from '../../../src/comfy_gen/studio/static/views/grids/plan.js';

const BASE = {
    ...{ text: 'a cat on a cat', without: [], tier: '', negative: '', workflow: 'sd15', model: '', aspect: '' },
    ...{ width: null, height: null, steps: null, cfg: null, sampler: '', scheduler: '', denoise: null, seed: null },
    ...{ isSeedLocked: false, count: 3, loras: [], preset: '', inputImage: null, mask: null, inputs: {}, quality: {} },
};
const OPTIONS = {
    samplers: ['euler', 'heun'],
    schedulers: ['normal'],
    models: ['m/one.safetensors'],
    loras: ['l.safetensors'],
};
const SCHEMA = {
    properties: {
        ...{ prompt: { type: 'string' }, negative_prompt: { type: 'string' }, seed: { type: 'integer' } },
        ...{ steps: { type: 'integer', minimum: 1, maximum: 150 }, sampler: { type: 'string' } },
        ...{ strength: { type: 'number', minimum: 0, maximum: 2, multipleOf: 0.25, title: 'Control' } },
        ...{ tiled: { type: 'boolean' }, fit: { enum: ['crop', 'pad'] }, caption: { type: 'string' } },
        picture: { type: 'string', format: 'image' },
    },
    required: [],
};
const parameters = parametersOf(SCHEMA, OPTIONS);
const written = (parameter, text = '', chosen = [], target = '') => ({
    ...{ parameter, target, texts: { [parameter]: text }, chosen: { [parameter]: chosen } },
});
const plan = (x, y = BLANK, z = BLANK, base = BASE, schema = SCHEMA) =>
    planned({ x, y, z }, parameters, { base, schema, draw: (at) => at + 1 });

test('a workflow has the parameters of its schema, its own among them', () =>
    assert.deepEqual(
        parameters.map((one) => one.id),
        [
            ...['seed', 'steps', 'sampler', 'lora', 'words', 'negative'],
            ...['input:caption', 'input:strength', 'input:fit', 'input:tiled'],
        ],
    ));
test('without a workflow all that is usual can be an axis', () =>
    assert.deepEqual(
        parametersOf(null, { ...OPTIONS, loras: [] }).map((one) => one.id),
        ['seed', 'steps', 'cfg', 'sampler', 'scheduler', 'model', 'denoise', 'size', 'words', 'negative'],
    ));
test('limits are those of the schema', () => assert.equal(parameters[1].limits.most, 150));

test('cells go along the columns, then the rows, then the sheets', () => {
    const { axes, count } = plan(
        written('steps', '1, 2, 3'),
        written('sampler', '', ['euler', 'heun']),
        written('seed', 'random 2'),
    );
    assert.equal(count, 12);
    const cells = cellsOf(axes);
    assert.deepEqual(cells[0], { index: 0, x: 0, y: 0, z: 0 });
    assert.deepEqual(cells[4], { index: 4, x: 1, y: 1, z: 0 });
    assert.deepEqual(cells.at(-1), { index: 11, x: 2, y: 1, z: 1 });
    const draft = draftAt(BASE, axes, cells[4]);
    assert.deepEqual([draft.steps, draft.sampler, draft.seed, draft.text], [2, 'heun', 1, BASE.text]);
    assert.equal(cellText(axes, cells[4]), 'Steps 2, Sampler heun, Seed 1');
    assert.equal(nameOf(axes), 'Steps × Sampler × Seed');
});
test('a single axis is a single row', () => {
    const { axes } = plan(written('steps', '1..3'));
    assert.equal(cellsOf(axes).length, 3);
    assert.deepEqual(labelsOf(axes.y), ['']);
});
test('all mistakes of all axes are told at once', () => {
    const { axes, wrong } = plan(written('steps', '0'), written('words', 'dog, fox'), written('lora', '1'), {
        ...BASE,
        text: '',
    });
    assert.equal(axes, null);
    assert.deepEqual(wrong, {
        x: ['0 is too little: 1 is the least.'],
        y: ['“dog” does not stand in the prompt.'],
        z: ['Choose the LoRA that it is about.'],
        all: ['There is no prompt yet: write one in Create.'],
    });
});
test('nothing chosen is told', () => {
    const { wrong, count } = plan(BLANK, written('sampler'), written('steps'));
    assert.deepEqual(wrong.x, ['Choose what changes from column to column.']);
    assert.deepEqual([wrong.y, wrong.z], [['Choose at least one value.'], ['Write at least one value.']]);
    assert.equal(count, 0);
});
test('one thing can be on one axis', () =>
    assert.match(plan(written('steps', '1'), written('steps', '2')).wrong.y[0], /Another axis changes this/));
test('words can be on two axes', () =>
    assert.notEqual(plan(written('words', 'cat, dog'), written('words', 'on, under')).axes, null));
test('a setting that the workflow has not is told', () =>
    assert.match(plan(written('input:gone', '1')).wrong.x[0], /no such setting/));
test('too many cells are told', () => {
    const { axes, wrong } = plan(written('steps', '1..30'), written('seed', 'random 20'));
    assert.equal(axes, null);
    assert.match(wrong.all[0], /600 pictures are too many for a grid: 400/);
});
test('a picture and a mask that the workflow needs are told', () => {
    const schema = { ...SCHEMA, required: ['image', 'mask'] };
    assert.equal(plan(written('steps', '1'), BLANK, BLANK, BASE, schema).wrong.all.length, 2);
});

test('words are replaced wherever they stand', () =>
    assert.equal(applied(BASE, 'words', '', { from: 'cat', to: '$& dog' }).text, 'a $& dog on a $& dog'));
test('a size says both sides', () => {
    const { width, height, aspect } = applied(BASE, 'size', '', { width: 64, height: 128 });
    assert.deepEqual([width, height, aspect], [64, 128, 'custom']);
});
test('the strength of a LoRA is that of the one that is there', () => {
    const loras = [{ name: 'a', strength: 1 }];
    assert.deepEqual(applied({ ...BASE, loras }, 'lora', 'a', 0.5).loras, [{ name: 'a', strength: 0.5 }]);
    assert.deepEqual(applied({ ...BASE, loras }, 'lora', 'b', 0.5).loras, [...loras, { name: 'b', strength: 0.5 }]);
});
test('inputs of the workflow are put beside the others', () =>
    assert.deepEqual(applied({ ...BASE, inputs: { a: 1 } }, 'input:tiled', '', true).inputs, { a: 1, tiled: true }));
test('values are written as people read them', () => {
    assert.equal(valueText('size', { width: 64, height: 128 }), '64 × 128');
    assert.equal(valueText('model', 'm/one.safetensors'), 'one');
    assert.equal(valueText('words', { from: 'a', to: '' }), '(none)');
    assert.equal(valueText('input:tiled', false), 'off');
});
test('all cells share a seed that is drawn, unless the draft has one', () => {
    assert.deepEqual([seeded(BASE, 7).seed, seeded(BASE, 7).count], [7, 1]);
    assert.equal(seeded({ ...BASE, seed: 0 }, 7).seed, 0);
});
test('what changes is not among what is shared', () => {
    const { axes } = plan(written('steps', '1, 2'));
    const base = { ...BASE, steps: 20, seed: 5, loras: [{ name: 'x/l.safetensors', strength: 0.5 }] };
    assert.equal(recipeText(base, axes), 'workflow sd15 · seed 5 · LoRAs l 0.5');
    assert.equal(recipeText(base), 'workflow sd15 · steps 20 · seed 5 · LoRAs l 0.5');
});

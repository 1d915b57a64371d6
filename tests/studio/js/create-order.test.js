import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongIn } from '../../../src/comfy_gen/studio/static/views/create/checks.js';
import { draftOf } from '../../../src/comfy_gen/studio/static/views/create/earlier.js';
import {
    composeBody,
    hasVariants,
    partsOf,
    presetOf,
    promptBody,
    recipeBody,
    runBody,
    seedsFrom,
    wayOf,
    workflowFor,
} from '../../../src/comfy_gen/studio/static/views/create/order.js';
import { placed } from '../../../src/comfy_gen/studio/static/views/create/refusals.js';
import { aspectOf, boundsOf, sizeOf } from '../../../src/comfy_gen/studio/static/views/create/size.js';
import { treeOf } from '../../../src/comfy_gen/studio/static/views/create/tree.js';

const PLAIN = /** @type {any} */ ({
    ...{ text: 'a fox', without: [], tier: '', negative: '', workflow: '', model: '', aspect: '', width: null },
    ...{ height: null, steps: null, cfg: null, sampler: '', scheduler: '', denoise: null, seed: null, count: 1 },
    ...{ isSeedLocked: false, loras: [], preset: '', inputImage: null, mask: null, inputs: {}, quality: {} },
});
const WITH_SIZE = {
    properties: { prompt: {}, width: { default: 640, multipleOf: 16, maximum: 1280 }, height: { default: 640 } },
};

test('only what was said is sent', () => {
    const { metadata, ...body } = promptBody(PLAIN, 7, null);
    assert.deepEqual(body, { prompt: 'a fox', seed: 7, title: 'a fox' });
    assert.deepEqual(metadata, { studio: { view: 'create' } });
    const more = promptBody(
        { ...PLAIN, steps: 20, cfg: 0, tier: 'mature', quality: { best_of: 2 }, inputs: { x: false } },
        7,
        null,
    );
    assert.deepEqual(
        [more.steps, more.cfg, more.policy_tier, more.best_of, more.inputs],
        [20, 0, 'mature', 2, { x: false }],
    );
});

test('a title has eighty characters at most, and no line ends', () => {
    const { title } = promptBody({ ...PLAIN, text: `a\nfox ${'😀'.repeat(100)}` }, 7, null);
    assert.equal([...title].length, 80);
    assert.ok(title.startsWith('a fox 😀'));
});

test('what the workflow does not have is not sent to it', () => {
    const body = promptBody({ ...PLAIN, workflow: 'mine', steps: 20, width: 512 }, 7, WITH_SIZE);
    assert.deepEqual([body.steps, body.width], [undefined, 512]);
});

test('a picture to start from chooses a workflow, and a mask another', () => {
    assert.equal(workflowFor({ ...PLAIN, inputImage: { name: 'a.png', label: '' } }), 'sd15-img2img');
    assert.equal(
        workflowFor({ ...PLAIN, inputImage: { name: 'a.png', label: '' }, mask: { name: 'm.png' } }),
        'sd15-inpaint',
    );
    assert.equal(workflowFor({ ...PLAIN, workflow: 'sdxl', inputImage: { name: 'a.png', label: '' } }), 'sdxl');
    assert.equal(workflowFor(PLAIN), '');
});

test('a workflow without a prompt is run with its own inputs', () => {
    const schema = { properties: { image: {}, scale_by: {} }, required: ['image'] };
    assert.equal(wayOf(schema, true), 'run');
    assert.deepEqual([wayOf(WITH_SIZE, true), wayOf(null, false)], ['recipe', 'prompt']);
    const draft = {
        ...PLAIN,
        workflow: 'upscale',
        inputImage: { name: 'a.png', label: '' },
        inputs: { scale_by: 0.5 },
        steps: 3,
    };
    assert.deepEqual(runBody(draft, 7, schema).inputs, { image: 'a.png', scale_by: 0.5 });
});

test('a recipe says what the draft says, and the preset what neither does', () => {
    const draft = { ...PLAIN, steps: 12, without: ['city'], preset: 'draft', inputs: { a: 1 } };
    const composed = composeBody(draft, 3, null, null, { steps: 14, cfg: 2 });
    assert.deepEqual(
        [composed.input, composed.dry_run, composed.without, composed.steps, composed.cfg, composed.preset],
        ['a fox', true, ['city'], 12, 2, undefined],
    );
    const body = recipeBody(draft, 'sha256:1', 9, null, { steps: 14, cfg: 2, length: 3 });
    assert.deepEqual(
        [body.recipe_id, body.seed, body.steps, body.cfg, body.length],
        ['sha256:1', 9, undefined, 2, undefined],
    );
    assert.deepEqual(body.inputs, { a: 1 });
});

test('seeds count up and stay whole numbers', () => {
    assert.deepEqual(seedsFrom(7, 3), [7, 8, 9]);
    assert.deepEqual(seedsFrom(Number.MAX_SAFE_INTEGER, 2), [Number.MAX_SAFE_INTEGER, 0]);
});

test('variants are seen', () => {
    assert.ok(hasVariants('a {red|blue} fox'));
    assert.ok(hasVariants('a __colour__ fox'));
    assert.ok(!hasVariants('a {red} fox in __'));
});

test('a preset keeps what was set and gives it back', () => {
    const loras = [{ name: 'a.safetensors', strength: 0.5 }];
    const kept = presetOf({ ...PLAIN, steps: 9, negative: 'hats', loras, width: 512, height: 768 }, ['night']);
    assert.deepEqual(kept, {
        width: 512,
        height: 768,
        steps: 9,
        negative_prompt: 'hats',
        loras,
        categories: ['night'],
    });
    const parts = { width: 512, height: 768, steps: 9, aspect: 'custom', negative: 'hats', loras };
    assert.deepEqual(partsOf(kept), parts);
});

test('what is refused is shown at its field', () => {
    const several = {
        problems: [{ where: 'body.steps', message: 'too few' }, { message: 'inputs.mask is 1, but must be a name' }],
    };
    assert.deepEqual(placed({ details: several, sentences: [], hint: '' }), {
        fields: { steps: 'too few', mask: 'inputs.mask is 1, but must be a name' },
        others: [],
    });
    const one = { details: { name: 'sampler' }, sentences: ['sampler is eulr'], hint: 'euler?' };
    assert.deepEqual(placed(one), { fields: { sampler: 'sampler is eulr; euler?' }, others: [] });
    const lacking = ['gpu lacks the file loras/a', 'cpu lacks the file loras/a'];
    const nowhere = { sentences: ['nowhere'], hint: '' };
    assert.deepEqual(placed({ ...nowhere, details: { lacking } }).fields, { loras: 'nowhere' });
    assert.deepEqual(placed({ ...nowhere, details: { lacking: ['gpu lacks the file vae/a'] } }).fields, {
        model: 'nowhere',
    });
    assert.deepEqual(placed({ ...nowhere, details: { lacking: ['gpu lacks the node A'] } }).others, ['nowhere']);
    assert.deepEqual(placed({ details: {}, sentences: ['no engine'], hint: '' }), {
        fields: {},
        others: ['no engine'],
    });
});

test('numbers are checked against the workflow before they are sent', () => {
    const schema = { properties: { steps: { minimum: 2, maximum: 100 }, width: { multipleOf: 16 } } };
    assert.deepEqual(wrongIn({ ...PLAIN, steps: 200, width: 520 }, schema), {
        steps: 'From 2 to 100.',
        width: 'A multiple of 16.',
    });
    assert.deepEqual(wrongIn({ ...PLAIN, steps: 1.5 }, null), { steps: 'A whole number.' });
    assert.deepEqual(wrongIn(PLAIN, null), {});
});

test('a size has the pixels that the workflow is made for', () => {
    const usual = boundsOf(null);
    assert.deepEqual(sizeOf('1:1', usual), { width: 1024, height: 1024 });
    assert.deepEqual(boundsOf(null, ['sd_xl.safetensors', 'v1-5.ckpt']), usual);
    assert.deepEqual(sizeOf('1:1', boundsOf(null, ['v1-5.ckpt'])), { width: 512, height: 512 });
    assert.deepEqual(sizeOf('16:9', usual), { width: 1368, height: 768 });
    assert.deepEqual(sizeOf('9:16', usual), { width: 768, height: 1368 });
    const small = boundsOf(WITH_SIZE);
    const { width, height } = sizeOf('21:9', small);
    assert.deepEqual([width % 16, height % 16, width], [0, 0, 976]);
    assert.equal(aspectOf({ width, height }, small), '21:9');
    assert.equal(aspectOf({ width: 8, height: 8 }, small), 'custom');
});

test('a size keeps within what the workflow takes', () => {
    const narrow = { pixels: 1_000_000, multiple: 64, least: 512, most: 1000 };
    assert.deepEqual(sizeOf('21:9', narrow), { width: 960, height: 640 });
});

test('a generation becomes a draft again', () => {
    const recipe = {
        input: '@night a fox',
        workflow: 'sdxl',
        checkpoint: 'a.ckpt',
        loras: [{ filename: 'l', strength: 0.4 }],
    };
    const generation = /** @type {any} */ ({
        ...{
            recipe: { ...recipe, steps: 3, width: 512, height: 512, denoise: 1 },
            categories: ['night'],
            tier: 'mature',
        },
        ...{ workflow: 'sdxl', prompt: 'a fox, dark', negative_prompt: 'day', seed: 5 },
    });
    const same = draftOf(generation, { workflows: ['sdxl'], isSame: true });
    assert.deepEqual(
        [same.text, same.negative, same.workflow, same.seed, same.isSeedLocked, same.denoise, same.tier, same.loras],
        ['@night a fox', '', 'sdxl', 5, true, null, 'mature', [{ name: 'l', strength: 0.4 }]],
    );
    const other = draftOf({ ...generation, recipe: {}, categories: [] }, { workflows: [], isSame: false });
    assert.deepEqual([other.text, other.negative, other.workflow, other.seed], ['a fox, dark', 'day', '', null]);
});

test('a recipe is a tree without empty branches', () => {
    const recipe = { positive_prompt: 'a', loras: [], categories: ['night'], steps: 0 };
    const steps = [{ phase: 'settings', action: 'steps', detail: 'steps 3', source: 'night' }];
    const composed = /** @type {any} */ ({ recipe, explanation: { summary: 's', steps, rejected: [] }, conflicts: [] });
    const tree = treeOf(composed, (id) => id.toUpperCase());
    assert.deepEqual(
        tree.map((one) => one.id),
        ['recipe', 'categories', 'how'],
    );
    assert.deepEqual(
        tree[0]?.branches?.map(({ title, text }) => [title, text]),
        [
            ['Prompt', 'a'],
            ['Steps', '0'],
        ],
    );
    assert.deepEqual(tree[2]?.branches?.[0]?.branches?.[0], { id: 'step-settings-0', title: 'steps 3', text: 'NIGHT' });
});

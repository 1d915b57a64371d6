import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INITIAL } from '../../../src/comfy_gen/studio/static/views/create/draft.js';
import { composeBody, recipeBody } from '../../../src/comfy_gen/studio/static/views/create/order.js';
import { smaller } from '../../../src/comfy_gen/studio/static/views/create/picture_size.js';
import { isJudged, qualityProblems } from '../../../src/comfy_gen/studio/static/views/create/quality_limits.js';

test('only large pictures should be smaller, in the same proportions', () => {
    assert.equal(smaller(1536, 1024), null);
    assert.deepEqual(smaller(4000, 3000), { width: 1024, height: 768 });
    assert.deepEqual(smaller(3000, 4000), { width: 768, height: 1024 });
    assert.deepEqual(smaller(10_000, 10), { width: 1024, height: 8 });
});

test('quality options are told what stands against them', () => {
    assert.deepEqual(qualityProblems({}), []);
    assert.deepEqual(qualityProblems({ retry_limit: 10, best_of: 16, delta_threshold: -1, validate: true }), []);
    const wrong = { retry_limit: 0, best_of: 17, positive_threshold: 1.5, delta_threshold: -2 };
    assert.deepEqual(
        qualityProblems(wrong).map(({ name }) => name),
        ['retry_limit', 'best_of', 'positive_threshold', 'delta_threshold'],
    );
});

test('pictures are judged where anything asks for it', () => {
    assert.deepEqual([{}, { best_of: 1 }, { validate: true }, { auto_retry: true }, { best_of: 2 }].map(isJudged), [
        false,
        false,
        true,
        true,
        true,
    ]);
});

test('a recipe for a picture is composed as of text, and the workflow is named with the job', () => {
    const schema = {
        properties: { image: {}, mask: {}, prompt: {}, denoise: {}, model: { default: 'inpaint.ckpt' } },
    };
    const draft = {
        ...INITIAL,
        ...{ text: 'a boat', inputImage: { name: 'a.png', label: '' }, mask: { name: 'b.png' } },
        ...{ denoise: 0.5, steps: 7, sampler: 'euler' },
    };
    const body = composeBody(draft, 6, schema, 1, { denoise: 0.4, sampler: 'lcm' });
    assert.deepEqual([body.workflow, body.denoise, body.model, body.steps], [undefined, undefined, 'inpaint.ckpt', 7]);
    const asked = recipeBody(draft, 'r', 1, schema);
    assert.deepEqual(
        [asked.workflow, asked.model, asked.denoise, asked.input_image, asked.inputs, asked.width],
        ['sd15-inpaint', 'inpaint.ckpt', 0.5, 'a.png', { mask: 'b.png' }, undefined],
    );
});

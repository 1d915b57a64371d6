import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    fieldsOf,
    fitting,
    limitsOf,
    problemOf,
    problemsOf,
    searched,
} from '../../../src/comfy_gen/studio/static/views/create/schema.js';

/** @param {object} said @param {string} [name] */
const field = (said, name = 'it') => fieldsOf({ properties: { [name]: said } })[0];

test('what create asks for by itself is no parameter', () => {
    const schema = {
        properties: { prompt: { type: 'string' }, steps: { type: 'integer' }, shift: { type: 'number' } },
    };
    assert.deepEqual(
        fieldsOf(schema).map(({ name }) => name),
        ['shift'],
    );
    assert.equal(fieldsOf(schema, new Set()).length, 3);
});

test('no schema has no fields', () => {
    for (const schema of [null, undefined, {}, { properties: {} }]) assert.deepEqual(fieldsOf(schema), []);
});

test('each type is a kind of field', () => {
    assert.equal(field({ type: 'string' }).kind, 'text');
    assert.equal(field({ type: 'string', format: 'image', minLength: 1 }).kind, 'picture');
    assert.equal(field({ type: 'integer' }).kind, 'integer');
    assert.equal(field({ type: 'number' }).kind, 'number');
    assert.equal(field({ type: ['number', 'null'] }).kind, 'number');
    assert.equal(field({ type: 'boolean' }).kind, 'toggle');
    assert.equal(field({ type: 'string', enum: ['a', 'b'] }).kind, 'choice');
    assert.equal(field({ enum: [1, 2] }).kind, 'choice');
    assert.deepEqual(field({ oneOf: [{ const: 'a' }, { const: 'b' }] }).choices, ['a', 'b']);
    assert.equal(field({}).kind, 'text');
    assert.deepEqual(field({ anyOf: [{ type: 'string' }] }).choices, []);
});

test('a field without a title has the words of its name', () => {
    assert.equal(field({}, 'control_net_strength').title, 'Control net strength');
    assert.equal(field({ title: 'Strength' }).title, 'Strength');
});

test('fields of one group stand together, pictures first', () => {
    const properties = {
        flag: { type: 'boolean' },
        shift: { type: 'number' },
        low_noise_model: { type: 'string' },
        words: { type: 'string' },
        face: { type: 'string', format: 'image' },
        fps: { type: 'number' },
    };
    assert.deepEqual(
        fieldsOf({ properties }).map(({ name, group }) => `${group}: ${name}`),
        [
            'Pictures: face',
            'Models: low_noise_model',
            'Text: words',
            'Settings: shift',
            'Settings: fps',
            'Switches: flag',
        ],
    );
});

test('numbers keep to their limits', () => {
    const whole = field({ type: 'integer', minimum: 0, maximum: 64 });
    assert.equal(problemOf(whole, 0), '');
    assert.equal(problemOf(whole, 64), '');
    assert.equal(problemOf(whole, 65), '64 is the most.');
    assert.equal(problemOf(whole, -1), '0 is the least.');
    assert.equal(problemOf(whole, 1.5), 'Enter a whole number.');
    assert.equal(problemOf(whole, '1'), 'Enter a number.');
    assert.equal(problemOf(whole, Number.NaN), 'Enter a number.');
});

test('limits that are not allowed themselves', () => {
    const open = field({ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 });
    assert.equal(problemOf(open, 0), 'It must be more than 0.');
    assert.equal(problemOf(open, 1), 'It must be less than 1.');
    assert.equal(problemOf(open, 0.5), '');
    const half = field({ type: 'number', minimum: 0, exclusiveMaximum: 1 });
    assert.deepEqual([problemOf(half, 0), problemOf(half, 1)], ['', 'It must be less than 1.']);
});

test('a multiple is told of fractions too', () => {
    const tenth = field({ type: 'number', multipleOf: 0.1 });
    for (const value of [0.3, 0.7, 1.1, 123456.7, -0.2]) assert.equal(problemOf(tenth, value), '', String(value));
    assert.equal(problemOf(tenth, 0.25), 'It must be a multiple of 0.1.');
    assert.equal(problemOf(field({ type: 'integer', multipleOf: 8 }), 20), 'It must be a multiple of 8.');
});

test('texts keep to length and pattern, counted in characters', () => {
    const said = field({ type: 'string', minLength: 2, maxLength: 3, pattern: '^[a-z🦊]+$' });
    assert.equal(problemOf(said, 'ab'), '');
    assert.equal(problemOf(said, '🦊🦊🦊'), '');
    assert.equal(problemOf(said, 'a'), 'At least 2 characters.');
    assert.equal(problemOf(said, 'abcd'), 'At most 3 characters.');
    assert.equal(problemOf(said, 'AB'), 'It must match ^[a-z🦊]+$');
    assert.equal(problemOf(field({ type: 'string', minLength: 1 }), ''), 'This must not be empty.');
    assert.equal(problemOf(said, 3), 'Enter a text.');
});

test('a pattern of another language is left to the service', () => {
    assert.equal(problemOf(field({ type: 'string', pattern: '(?P<a>x)' }), 'y'), '');
});

test('a choice is one of the list, and a switch on or off', () => {
    const choice = field({ enum: ['a', 2] });
    assert.deepEqual(
        ['a', 2, '2', 'b'].map((value) => problemOf(choice, value) === ''),
        [true, true, false, false],
    );
    const toggle = field({ type: 'boolean' });
    assert.deepEqual([problemOf(toggle, false), problemOf(toggle, 'no')], ['', 'This is on or off.']);
});

test('what is needed and not there is a problem, by its name', () => {
    const schema = {
        properties: { face: { title: 'Face', type: 'string' }, size: { title: 'Size', type: 'integer', maximum: 4 } },
        required: ['face'],
    };
    assert.deepEqual(problemsOf(schema, { size: 5 }), [
        { name: 'face', title: 'Face', problem: 'This one is needed.' },
        { name: 'size', title: 'Size', problem: '4 is the most.' },
    ]);
    assert.deepEqual(problemsOf(schema, { face: 'x', size: 4 }), []);
    assert.deepEqual(problemsOf(null, { size: 5 }), []);
});

test('what was meant for another workflow does not fit', () => {
    const schema = { properties: { shift: { type: 'number' } } };
    assert.deepEqual(fitting(schema, { shift: 3, fps: 12, toString: 1 }), { shift: 3 });
    assert.deepEqual(fitting(null, { shift: 3 }), {});
});

test('a search finds all words, in name, title and description', () => {
    const fields = fieldsOf({
        properties: {
            grow_mask: { title: 'Grow mask', description: 'Pixels, to blend in', type: 'integer' },
            fps: { title: 'Frames', type: 'number' },
        },
    });
    const names = (/** @type {string} */ text) => searched(fields, text).map(({ name }) => name);
    assert.deepEqual(names('BLEND mask'), ['grow_mask']);
    assert.deepEqual(names('fps'), ['fps']);
    assert.deepEqual(names(' '), ['grow_mask', 'fps']);
    assert.deepEqual(names('blend frames'), []);
});

test('limits are said in a few words', () => {
    assert.equal(limitsOf(field({ type: 'integer', minimum: 0, maximum: 64 })), '0 to 64');
    assert.equal(limitsOf(field({ type: 'integer', minimum: 8, multipleOf: 8 })), 'at least 8, a multiple of 8');
    assert.equal(limitsOf(field({ type: 'number', maximum: 1 })), 'at most 1');
    assert.equal(limitsOf(field({ type: 'integer', minimum: 0, maximum: 2 ** 64, multipleOf: 1 })), 'at least 0');
    assert.equal(limitsOf(field({ type: 'string' })), '');
});

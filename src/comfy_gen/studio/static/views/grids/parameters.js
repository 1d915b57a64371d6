/** What an axis of a grid can be: each thing that a picture is made with, and how it gets into a draft. Pure. */

import { takes } from '../create/order.js';
import { fieldsOf } from '../create/schema.js';
import { readChosen, readLines, readNumbers, readSizes, readWords } from './ranges.js';

/** @typedef {import('../create/draft.js').Draft} Draft */
/** @typedef {import('./ranges.js').Limits} Limits */
/** @typedef {'numbers' | 'sizes' | 'lines' | 'words' | 'choices'} Writing How its values are written. */
/**
 * @typedef {object} Parameter
 * @property {string} id
 * @property {string} title
 * @property {Writing} writing
 * @property {Limits} limits
 * @property {Limits} [height] The second side, where the limits are those of the first.
 * @property {ReadonlyArray<string | number | boolean>} choices
 * @property {boolean} hasTarget Whether it is said of which LoRA.
 * @property {string} example
 * @property {string} hint
 */
/**
 * @typedef {object} Options What there is to choose from.
 * @property {readonly string[]} samplers
 * @property {readonly string[]} schedulers
 * @property {readonly string[]} models
 * @property {readonly string[]} loras
 */
/** @typedef {{ text: string, chosen: ReadonlyArray<string | number | boolean> }} Written */

const SEEDS = Number.MAX_SAFE_INTEGER;
const LISTED = 'A list, or a range: 4, 8, 12 or 4..12 step 2.';
const SEEDED = 'A list, a range such as 1..5, or random 4.';
const SIDE = { least: 16, most: 16_384, multiple: 8, isWhole: true };

/**
 * Return the parameters of a workflow.
 * @param {any} schema Null where the service is to choose the workflow.
 * @param {Options} options
 * @returns {Parameter[]}
 */
export function parametersOf(schema, options) {
    const isPrompted = takes(schema, 'prompt');
    const usual = [
        numbers('seed', 'Seed', limits(schema, 'seed', 0, SEEDS, { isWhole: true, mayDraw: true }), 'random 4', SEEDED),
        numbers('steps', 'Steps', limits(schema, 'steps', 1, 10_000, { isWhole: true }), '10..30 step 10'),
        numbers('cfg', 'Cfg', limits(schema, 'cfg', 0, 100), '4, 7, 10'),
        choices('sampler', 'Sampler', options.samplers),
        choices('scheduler', 'Scheduler', options.schedulers),
        choices('model', 'Model', options.models),
        numbers('denoise', 'Denoise', limits(schema, 'denoise', 0, 1), '0.4..0.8 step 0.2'),
    ].filter(({ id }) => takes(schema, id));
    return [
        ...usual,
        ...(takes(schema, 'width') && takes(schema, 'height') ? [sizes(schema)] : []),
        ...(isPrompted && options.loras.length ? [loraStrength()] : []),
        ...(isPrompted ? [promptWords()] : []),
        ...(takes(schema, 'negative_prompt') ? [negative()] : []),
        ...fieldsOf(schema).flatMap(ownInput),
    ];
}

/**
 * Read the values of an axis.
 * @param {Parameter} parameter
 * @param {Written} written
 * @param {{ prompt: string, draw: (at: number) => number }} known
 * @returns {import('./ranges.js').Read<any>}
 */
export function valuesOf(parameter, { text, chosen }, { prompt, draw }) {
    if (parameter.writing === 'numbers') return readNumbers(text, parameter.limits, draw);
    if (parameter.writing === 'sizes') return readSizes(text, parameter.limits, parameter.height ?? parameter.limits);
    if (parameter.writing === 'words') return readWords(text, prompt);
    return parameter.writing === 'lines' ? readLines(text) : readChosen(chosen);
}

/**
 * Return a draft in which a parameter has a value.
 * @param {Draft} draft
 * @param {string} id Of the parameter.
 * @param {string} target The LoRA that it is about, if it is.
 * @param {any} value
 * @returns {Draft}
 */
export function applied(draft, id, target, value) {
    if (id === 'size') return { ...draft, ...value, aspect: 'custom' };
    if (id === 'words') return { ...draft, text: draft.text.replaceAll(value.from, () => value.to) };
    if (id === 'lora') return { ...draft, loras: strengthened(draft.loras, target, value) };
    if (id.startsWith('input:')) return { ...draft, inputs: { ...draft.inputs, [id.slice('input:'.length)]: value } };
    return { ...draft, [id]: value };
}

/**
 * Write a value as people read it.
 * @param {string} id Of the parameter.
 * @param {any} value
 */
export function valueText(id, value) {
    if (id === 'size') return `${value.width} × ${value.height}`;
    const said = id === 'words' ? value.to : value;
    if (typeof said === 'boolean') return said ? 'on' : 'off';
    if (id === 'model') return fileText(said);
    return said === '' ? '(none)' : String(said);
}

/**
 * Write the name of a model's file without its folder and ending.
 * @param {string} file
 */
export const fileText = (file) =>
    (file.split(/[\\/]/).pop() ?? file).replace(/\.(safetensors|ckpt|pt|pth|gguf|bin|sft)$/i, '');

/**
 * @param {import('../create/draft.js').Lora[]} loras
 * @param {string} name
 * @param {number} strength
 */
function strengthened(loras, name, strength) {
    const isThere = loras.some((one) => one.name === name);
    return isThere
        ? loras.map((one) => (one.name === name ? { name, strength } : one))
        : [...loras, { name, strength }];
}

/** @type {Limits} */
const FREE = { least: null, most: null, multiple: null, isWhole: false, mayDraw: false };

/**
 * @param {any} schema
 * @param {string} name
 * @param {number} least
 * @param {number} most
 * @param {Partial<Limits>} [more]
 * @returns {Limits}
 */
function limits(schema, name, least, most, more = {}) {
    const said = schema?.properties?.[name] ?? {};
    return {
        ...FREE,
        least: Math.max(said.minimum ?? least, least),
        most: Math.min(said.maximum ?? most, most),
        multiple: said.multipleOf ?? more.multiple ?? null,
        ...{ isWhole: more.isWhole ?? false, mayDraw: more.mayDraw ?? false },
    };
}

/** @type {Parameter} */
const PLAIN = {
    id: '',
    title: '',
    writing: 'lines',
    limits: FREE,
    choices: [],
    hasTarget: false,
    example: '',
    hint: '',
};

/** @type {(id: string, title: string, limits: Limits, example: string, hint?: string) => Parameter} */
const numbers = (id, title, bounds, example, hint = LISTED) => ({
    ...PLAIN,
    id,
    title,
    writing: 'numbers',
    limits: bounds,
    example,
    hint,
});

/** @type {(id: string, title: string, list: ReadonlyArray<string | number | boolean>) => Parameter} */
const choices = (id, title, list) => ({ ...PLAIN, id, title, writing: 'choices', choices: list });

/**
 * @param {any} schema
 * @returns {Parameter}
 */
function sizes(schema) {
    const [width, height] = ['width', 'height'].map((name) => limits(schema, name, SIDE.least, SIDE.most, SIDE));
    const more = { writing: /** @type {const} */ ('sizes'), limits: width ?? FREE, height: height ?? FREE };
    return { ...PLAIN, id: 'size', title: 'Size', ...more, example: '512x512, 768x512', hint: 'Width x height.' };
}

/** @returns {Parameter} */
const loraStrength = () => ({
    ...numbers('lora', 'LoRA strength', { ...FREE, least: -20, most: 20 }, '0..1 step 0.25'),
    hasTarget: true,
});

/** @returns {Parameter} */
const promptWords = () => ({
    ...PLAIN,
    ...{ id: 'words', title: 'Prompt words', writing: 'words', example: 'word, other, another' },
    hint: 'The first stands in the prompt; each of the others is put in its place. Quotes hold commas: "red, wet".',
});

/** @returns {Parameter} */
const negative = () => ({
    ...PLAIN,
    ...{ id: 'negative', title: 'Negative prompt', example: 'blurry, dark', hint: 'One a line; "" is none at all.' },
});

/**
 * @param {import('../create/schema.js').Field} field
 * @returns {Parameter[]}
 */
function ownInput(field) {
    const id = `input:${field.name}`;
    if (field.kind === 'picture' || field.name === 'batch') return []; // a cell has one picture
    if (field.choices.length) return [choices(id, field.title, field.choices)];
    if (field.kind === 'toggle') return [choices(id, field.title, [true, false])];
    if (field.kind === 'text') return [{ ...PLAIN, id, title: field.title, example: '', hint: 'One a line.' }];
    const bounds = { ...FREE, least: field.least, most: field.most, multiple: field.step };
    return [numbers(id, field.title, { ...bounds, isWhole: field.kind === 'integer' }, '')];
}

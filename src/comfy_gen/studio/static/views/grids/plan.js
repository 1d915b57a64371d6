/** What a grid is made of: its axes, its cells, and what stands against it. Pure. */

import { takes } from '../create/order.js';
import { applied, valuesOf, valueText } from './parameters.js';

/** @typedef {import('../create/draft.js').Draft} Draft */
/** @typedef {import('./parameters.js').Parameter} Parameter */
/** @typedef {'x' | 'y' | 'z'} AxisName */
/**
 * What somebody has written for an axis; that of other parameters is kept, should they come back to them.
 * @typedef {object} WrittenAxis
 * @property {string} parameter Empty where the axis is not used.
 * @property {string} target
 * @property {Record<string, string>} texts By parameter.
 * @property {Record<string, Array<string | number | boolean>>} chosen By parameter.
 */
/** @typedef {{ parameter: string, title: string, target: string, values: any[] }} Axis */
/** @typedef {{ x: Axis, y: Axis | null, z: Axis | null }} Axes */
/** @typedef {{ index: number, x: number, y: number, z: number }} Cell */
/** @typedef {Record<AxisName | 'all', string[]>} Wrong All that is wrong, by where it belongs. */

/** @type {readonly AxisName[]} */
export const AXES = ['x', 'y', 'z'];
/** So many pictures can a grid have; above the other number it is asked whether that is meant. */
export const MOST_CELLS = 400;
export const MANY_CELLS = 50;

/** @type {WrittenAxis} */
export const BLANK = { parameter: '', target: '', texts: {}, chosen: {} };

/**
 * Read all axes.
 * @param {Record<AxisName, WrittenAxis>} written
 * @param {readonly Parameter[]} parameters
 * @param {{ base: Draft, schema: any, draw: (at: number) => number }} known
 * @returns {{ axes: Axes | null, read: Record<AxisName, Axis | null>, wrong: Wrong, count: number }} No axes where anything is wrong; `read` is what could be read.
 */
export function planned(written, parameters, { base, schema, draw }) {
    /** @type {Wrong} */
    const wrong = { x: [], y: [], z: [], all: lacking(base, schema) };
    const read = AXES.map((name) => {
        const { axis, problems } = axisOf(written[name], parameters, { prompt: base.text, draw });
        wrong[name].push(...problems);
        return axis;
    });
    const [x = null, y = null, z = null] = read;
    if (!written.x.parameter) wrong.x.push('Choose what changes from column to column.');
    for (const name of twiceUsed(read)) wrong[name].push('Another axis changes this already: choose something else.');
    const count = [x, y, z].reduce((all, axis) => all * (axis?.values.length || 1), x ? 1 : 0);
    if (count > MOST_CELLS) wrong.all.push(`${count} pictures are too many for a grid: ${MOST_CELLS} is the most.`);
    const isFine = x !== null && AXES.every((name) => !wrong[name].length) && !wrong.all.length;
    return { axes: isFine ? { x, y, z } : null, read: { x, y, z }, wrong, count };
}

/**
 * Return all cells: the columns of the first row first, and one sheet after the other.
 * @param {Axes} axes
 * @returns {Cell[]}
 */
export function cellsOf({ x, y, z }) {
    const [across, down, deep] = [x.values.length, y?.values.length ?? 1, z?.values.length ?? 1];
    return Array.from({ length: across * down * deep }, (_, index) => ({
        index,
        x: index % across,
        y: Math.floor(index / across) % down,
        z: Math.floor(index / across / down),
    }));
}

/**
 * Return what is to be made in a cell.
 * @param {Draft} base
 * @param {Axes} axes
 * @param {Cell} cell
 * @returns {Draft}
 */
export function draftAt(base, axes, cell) {
    return AXES.reduce((draft, name) => {
        const axis = axes[name];
        return axis ? applied(draft, axis.parameter, axis.target, axis.values[cell[name]]) : draft;
    }, base);
}

/**
 * Write the values along an axis.
 * @param {Axis | null} axis
 * @returns {string[]} A single empty one where there is no such axis.
 */
export const labelsOf = (axis) => (axis ? axis.values.map((value) => valueText(axis.parameter, value)) : ['']);

/**
 * Write what is special about a cell: "Steps 20, Cfg 7".
 * @param {Axes} axes
 * @param {Cell} cell
 */
export function cellText(axes, cell) {
    return AXES.flatMap((name) => {
        const axis = axes[name];
        return axis ? [`${axis.title} ${valueText(axis.parameter, axis.values[cell[name]])}`] : [];
    }).join(', ');
}

/**
 * Return the name that a grid has if nobody gives it another.
 * @param {Axes} axes
 */
export const nameOf = (axes) => AXES.flatMap((name) => axes[name]?.title ?? []).join(' × ');

/**
 * Return the seed with which all cells are made that say none: the same for all, or nothing could be compared.
 * @param {Draft} base
 * @param {number} drawn
 * @returns {Draft}
 */
export const seeded = (base, drawn) => ({ ...base, seed: base.seed ?? drawn, count: 1 });

/**
 * Return which settings all pictures share, in a line.
 * @param {Draft} base
 * @param {Axes | null} [axes] What changes is left out.
 */
export function recipeText(base, axes = null) {
    const varied = new Set(AXES.map((name) => axes?.[name]?.parameter));
    /** @type {Array<[string, unknown]>} */
    const facts = [
        ['workflow', base.workflow],
        ['model', base.model && valueText('model', base.model)],
        ['size', base.width && base.height ? `${base.width} × ${base.height}` : ''],
        ...['steps', 'cfg', 'sampler', 'scheduler', 'denoise', 'seed'].map(
            (name) => /** @type {[string, unknown]} */ ([name, /** @type {any} */ (base)[name]]),
        ),
        ['LoRAs', base.loras.map(({ name, strength }) => `${valueText('model', name)} ${strength}`).join(', ')],
    ];
    const said = facts.filter(([name, value]) => value !== null && value !== '' && !varied.has(name));
    return said.map(([name, value]) => `${name} ${value}`).join(' · ');
}

/**
 * @param {WrittenAxis} written
 * @param {readonly Parameter[]} parameters
 * @param {{ prompt: string, draw: (at: number) => number }} known
 * @returns {{ axis: Axis | null, problems: string[] }}
 */
function axisOf({ parameter: id, target, texts, chosen }, parameters, known) {
    if (!id) return { axis: null, problems: [] };
    const parameter = parameters.find((one) => one.id === id);
    if (!parameter) return { axis: null, problems: ['This workflow has no such setting: choose another.'] };
    const written = { text: texts[id] ?? '', chosen: chosen[id] ?? [] };
    const { values, problems } = valuesOf(parameter, written, known);
    const said = parameter.writing === 'choices' ? 'Choose at least one value.' : 'Write at least one value.';
    const more = [
        ...(values.length || problems.length ? [] : [said]),
        ...(parameter.hasTarget && !target ? ['Choose the LoRA that it is about.'] : []),
    ];
    const title = parameter.hasTarget && target ? `${valueText('model', target)} strength` : parameter.title;
    const axis = { parameter: id, title, target: parameter.hasTarget ? target : '', values };
    return { axis, problems: [...problems, ...more] };
}

/** @param {ReadonlyArray<Axis | null>} axes */
function twiceUsed(axes) {
    const keys = axes.map((axis) => (axis && axis.parameter !== 'words' ? `${axis.parameter} ${axis.target}` : null));
    return AXES.filter((_, at) => keys[at] !== null && keys.indexOf(/** @type {string} */ (keys[at])) < at);
}

/**
 * @param {Draft} base
 * @param {any} schema
 * @returns {string[]}
 */
function lacking(base, schema) {
    const needs = (/** @type {string} */ name) => schema?.required?.includes(name) ?? false;
    return [
        ...(takes(schema, 'prompt') && !base.text.trim() ? ['There is no prompt yet: write one in Create.'] : []),
        ...(needs('image') && !base.inputImage ? ['The workflow starts from a picture: choose one in Create.'] : []),
        ...(needs('mask') && !base.mask ? ['The workflow needs a mask: paint one in Create.'] : []),
    ];
}

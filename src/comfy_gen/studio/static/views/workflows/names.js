/** Names a workflow's inputs: what they are called, what was changed, and what is wrong with it. Pure. */

/** @typedef {Wire<'WorkflowInput'>} WorkflowInput */

/**
 * @typedef {object} Row
 * @property {string} key
 * @property {WorkflowInput} of
 * @property {string} name Empty where it is none of the workflow's inputs, or is set along with another.
 * @property {string} along The name of the input that sets it too, which stands in a row before.
 *
 * @typedef {{ name?: string, title?: string, description?: string, isBeingNamed?: boolean }} Edit Somebody who names an input may have an empty field before them.
 * @typedef {Readonly<Record<string, Edit>>} Edits By the rows' keys.
 */

/** @type {Record<string, string>} */
const USUAL = { text: 'prompt', noise_seed: 'seed', sampler_name: 'sampler', ckpt_name: 'model', unet_name: 'model' };

/**
 * Return a row for each; of several places that one input sets, the first has its name.
 * @param {readonly WorkflowInput[]} inputs
 * @returns {Row[]}
 */
export function rowsOf(inputs) {
    const seen = new Set();
    return inputs.map((one) => {
        const isAlong = one.name !== null && seen.has(one.name);
        if (one.name !== null) seen.add(one.name);
        const name = one.name ?? '';
        return { key: `${one.node_id}:${one.input}`, of: one, name: isAlong ? '' : name, along: isAlong ? name : '' };
    });
}

/**
 * @param {Row} row
 * @param {Edits} edits
 */
export const nameOf = (row, edits) => (edits[row.key]?.name ?? row.name).trim();

/**
 * Return what is wrong with the names, by the rows' keys.
 * @param {readonly Row[]} rows
 * @param {Edits} edits
 * @returns {Record<string, string>}
 */
export function wrongIn(rows, edits) {
    /** @type {Record<string, string>} */
    const wrong = {};
    /** @type {Map<string, string>} */
    const taken = new Map();
    for (const row of rows) {
        const name = nameOf(row, edits);
        if (!name && edits[row.key]?.isBeingNamed) wrong[row.key] = 'It needs a name; or take it away altogether.';
        if (!name) continue;
        const said = wrongName(name, taken.has(name));
        if (said) wrong[row.key] = said;
        taken.set(name, row.key);
    }
    return wrong;
}

/**
 * @param {string} name
 * @param {boolean} isTaken
 */
function wrongName(name, isTaken) {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) return 'Use a-z, 0-9 and "_", beginning with a letter; 63 at most.';
    if (name === 'preset' || name === 'self') return `Choose another: ${name} means something else.`;
    return isTaken ? 'Another input is called that.' : '';
}

/**
 * Return what an input could be called, such that no other is.
 * @param {Row} row
 * @param {readonly Row[]} rows
 * @param {Edits} edits
 */
export function suggested(row, rows, edits) {
    const taken = new Set(rows.filter((one) => one !== row).map((one) => nameOf(one, edits)));
    const plain =
        USUAL[row.of.input] ??
        row.of.input
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '_')
            .replace(/^[^a-z]+|_+$/g, '');
    const begin = (plain || 'input').slice(0, 58);
    let name = begin;
    for (let number = 2; taken.has(name); number += 1) name = `${begin}_${number}`;
    return name;
}

/**
 * Return how many rows are not as the service has them.
 * @param {readonly Row[]} rows
 * @param {Edits} edits
 */
export const changesIn = (rows, edits) => rows.filter((row) => isChanged(row, edits)).length;

/**
 * @param {Row} row
 * @param {Edits} edits
 */
function isChanged(row, edits) {
    const edit = edits[row.key] ?? {};
    if (nameOf(row, edits) !== row.name) return true;
    const isNamed = !!row.name;
    return (
        isNamed &&
        ((edit.title ?? row.of.title) !== row.of.title ||
            (edit.description ?? row.of.description) !== row.of.description)
    );
}

/**
 * Return what is sent: all that have a name, and of titles and descriptions those that somebody has written.
 * @param {readonly Row[]} rows
 * @param {Edits} edits
 * @returns {Array<{ node_id: string, input: string, name: string, title?: string, description?: string }>}
 */
export function bodyOf(rows, edits) {
    return rows
        .filter((row) => nameOf(row, edits))
        .map((row) => {
            const { title, description } = edits[row.key] ?? {};
            return {
                node_id: row.of.node_id,
                input: row.of.input,
                name: nameOf(row, edits),
                ...(title !== undefined && { title: title.trim() }),
                ...(description !== undefined && { description: description.trim() }),
            };
        });
}

/**
 * Return what the service has against what was sent, each at its row; and what is about none of them.
 * @param {{ sentences: string[], details: Record<string, any> }} problem
 * @param {readonly Row[]} sent
 */
export function placed(problem, sent) {
    /** @type {Record<string, string>} */
    const fields = {};
    /** @type {string[]} */
    const others = [];
    for (const sentence of problem.sentences) {
        const row = sent[Number(/\binputs(?:\[|\.)(\d+)/.exec(sentence)?.[1] ?? -1)];
        if (row) fields[row.key] = sentence;
        else others.push(sentence);
    }
    return { fields, others };
}

/**
 * Return rows by their nodes, in order.
 * @param {readonly Row[]} rows
 */
export function byNode(rows) {
    /** @type {Map<string, Row[]>} */
    const nodes = new Map();
    for (const row of rows) nodes.set(row.of.node_id, [...(nodes.get(row.of.node_id) ?? []), row]);
    return [...nodes].map(([id, own]) => ({ id, rows: own }));
}

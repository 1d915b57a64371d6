/** Finds the workflow in what somebody hands over: a text, or the file of a text or a picture. Knows no page. */

import { amount } from '../../core/words.js';
import { isPng, textsOf } from './png.js';

/**
 * @typedef {object} Found
 * @property {Record<string, any>} workflow As the service takes it.
 * @property {'api' | 'editor'} format
 * @property {number} count Of its nodes.
 * @property {string} from What it was found in, as it is said.
 * @property {string} name What it could be called; empty where nothing tells.
 * @property {string} title
 */

const LONGEST = 63;
/** The service takes no larger body, and no workflow comes near. */
const MOST = 50_000_000;
const NOTES = new Set(['Note', 'MarkdownNote', 'Reroute', 'PrimitiveNode']);

/** What is wrong with what was handed over, as a sentence. */
export class NothingFound extends Error {}

/**
 * @param {Blob & { name?: string }} file
 * @returns {Promise<Found>}
 * @throws {NothingFound}
 */
export async function foundInFile(file) {
    if (file.size > MOST) throw new NothingFound('That file is larger than a workflow can be.');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const label = file.name ?? '';
    if (isPng(bytes)) return inPicture(await textsOf(bytes), label);
    if (file.type.startsWith('image/'))
        throw new NothingFound(
            'Only PNG pictures are read here. ComfyUI saves PNG; export the workflow as JSON otherwise.',
        );
    return foundIn(new TextDecoder().decode(bytes), label);
}

/**
 * @param {string} text
 * @param {string} [label] Of the file that it was in.
 * @returns {Found}
 * @throws {NothingFound}
 */
export function foundIn(text, label = '') {
    /** @type {any} */
    let data;
    try {
        data = JSON.parse(text);
    } catch (error) {
        throw new NothingFound(`That is no JSON: ${/** @type {Error} */ (error).message}`);
    }
    const workflow = [data, data?.workflow, data?.prompt].find((one) => formatOf(one));
    if (!workflow) throw new NothingFound('That is JSON, but no workflow: there are no nodes in it.');
    return told(workflow, label, label || 'what was pasted');
}

/**
 * @param {ReadonlyMap<string, string>} texts
 * @param {string} label
 * @returns {Found}
 */
function inPicture(texts, label) {
    for (const keyword of ['prompt', 'workflow']) {
        const workflow = parsed(texts.get(keyword));
        if (formatOf(workflow)) return told(withoutNotes(workflow), label, `the picture ${label}`.trim());
    }
    const isA1111 = texts.has('parameters');
    throw new NothingFound(
        isA1111
            ? 'That picture carries its settings as text, but no workflow.'
            : 'That picture carries no workflow: it was not made by ComfyUI, or something took its metadata away.',
    );
}

/**
 * Other programs keep other things under these names, and ComfyUI writes what JSON does not know.
 * @param {string | undefined} text
 */
function parsed(text) {
    try {
        return JSON.parse((text ?? '').replace(/:\s*\[?NaN\]?(?=\s*[,}])/g, ': null'));
    } catch {
        return null;
    }
}

/**
 * ComfyUI notes in a picture what files looked like when it ran, and believes the note when it is sent back.
 * @param {Record<string, any>} workflow
 */
function withoutNotes(workflow) {
    if (formatOf(workflow) === 'editor') return workflow;
    return Object.fromEntries(
        Object.entries(workflow).map(([id, node]) => {
            const { is_changed: _, ...rest } = node;
            return [id, rest];
        }),
    );
}

/**
 * @param {any} data
 * @returns {'' | 'api' | 'editor'}
 */
export function formatOf(data) {
    if (!data || typeof data !== 'object' || Array.isArray(data)) return '';
    if (Array.isArray(data.nodes) && data.nodes.length) return 'editor';
    const nodes = Object.values(data);
    return nodes.length && nodes.every((node) => typeof node?.class_type === 'string') ? 'api' : '';
}

/**
 * @param {Record<string, any>} workflow
 * @param {string} label
 * @param {string} from
 * @returns {Found}
 */
function told(workflow, label, from) {
    const format = /** @type {'api' | 'editor'} */ (formatOf(workflow));
    const count =
        format === 'api'
            ? Object.keys(workflow).length
            : workflow.nodes.filter((/** @type {any} */ node) => !NOTES.has(node?.type)).length;
    const bare = label.replace(/\.(json|png)$/i, '');
    return { workflow, format, count, from, name: nameOf(bare), title: bare.replace(/[_-]+/g, ' ').trim() };
}

/**
 * Say what was found.
 * @param {Found} found
 */
export function sentenceOf({ format, count, from }) {
    const how =
        format === 'api'
            ? 'It is in API format, and kept as it is.'
            : "It is in the editor's format, and converted when it is saved.";
    return `${amount(count, 'node')} in ${from}. ${how}`;
}

/**
 * Make a name that a workflow can have.
 * @param {string} text
 */
export const nameOf = (text) =>
    text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+/, '')
        .slice(0, LONGEST)
        .replace(/-+$/, '');

/**
 * Say what is wrong with a name; empty where nothing is.
 * @param {string} name
 * @param {ReadonlyArray<{ name: string, source: string, is_changeable: boolean }>} others
 */
export function wrongName(name, others) {
    if (!name) return 'It needs a name.';
    if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name) || name.endsWith('.json'))
        return 'Use a-z, 0-9, ".", "_" and "-", beginning with a letter or digit; 63 at most, without .json.';
    const taken = others.find((one) => one.name === name);
    if (taken?.source === 'shipped') return 'A workflow that ships with the service is called that.';
    return taken && !taken.is_changeable ? "Somebody else's workflow is called that." : '';
}

/** The merged recipe and how it came to be: asked for when it is opened, and kept as the draft is as long as it is open. */

import { isCalledOff, post } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { keptSignal } from '../../core/kept.js';
import { effect, signal } from '../../core/signals.js';
import { section } from '../../parts/fields.js';
import { icon } from '../../parts/icons.js';
import { loading, problem } from '../../parts/states.js';
import { isComposed, standsAgainst } from './answers.js';
import { composeBody } from './order.js';
import { roomFor } from './reading.js';
import { treeOf } from './tree.js';

/** @typedef {import('./kit.js').Kit} Kit */
/** @typedef {import('./tree.js').Branch} Branch */

/** Milliseconds after the last change: composing costs more than reading. */
const PAUSE = 300;
const isOpen = keptSignal('create:recipe', false);
/** Which branches are open: the same ones when the tree is made anew. */
const unfolded = new Set(['recipe', 'categories', 'conflicts']);

/** @param {Kit} kit */
export function recipe(kit) {
    const composed = signal(/** @type {Wire<'Composed'> | null} */ (null));
    const error = signal(/** @type {unknown} */ (null));
    const isStale = signal(false);
    effect(() => {
        if (!isOpen.value) return undefined;
        const draft = kit.written();
        const understood = kit.understanding.understood.value;
        if (understood.text !== draft.text || !isComposed(understood.preview) || standsAgainst(kit).length) {
            composed.value = null;
            return undefined;
        }
        const calling = new AbortController();
        const body = composeBody(draft, roomFor(draft.text), kit.choices.schema.value, draft.seed);
        const work = async () => {
            try {
                composed.value = await post('/compose', body, { signal: calling.signal });
                error.value = null;
            } catch (failure) {
                if (!isCalledOff(failure)) error.value = failure;
            }
            isStale.value = calling.signal.aborted;
        };
        isStale.value = true;
        const waiting = setTimeout(work, PAUSE);
        return () => {
            clearTimeout(waiting);
            calling.abort();
        };
    });
    return section(
        'Recipe: what the categories make of it',
        h('div', { class: 'create-recipe', 'aria-busy': () => String(isStale.value) }, () => {
            if (!isOpen.value) return null;
            if (error.value) return problem(error.value);
            if (composed.value) return tree(treeOf(composed.value, kit.choices.nameOf));
            if (!isComposed(kit.understanding.understood.value.preview))
                return h(
                    'p',
                    { class: 'dim' },
                    'Name or describe a category in the prompt, and its recipe appears here.',
                );
            const against = standsAgainst(kit);
            return against.length ? against.map((one) => h('p', { class: 'bad' }, one)) : loading('Composing');
        }),
        { isOpen },
    );
}

/**
 * @param {readonly Branch[]} branches
 * @returns {HTMLElement}
 */
function tree(branches) {
    return h(
        'ul',
        { class: 'create-tree' },
        branches.map((one) => h('li', null, one.branches ? fold(one) : leaf(one))),
    );
}

/** @param {Branch} one */
function fold({ id, title, text, branches = [] }) {
    return h(
        'details',
        {
            open: unfolded.has(id),
            ontoggle: (/** @type {any} */ event) => {
                if (event.target.open) unfolded.add(id);
                else unfolded.delete(id);
            },
        },
        h(
            'summary',
            null,
            icon('right', 'turning'),
            h('span', null, title),
            h('span', { class: 'pill' }, String(branches.length)),
        ),
        text ? h('p', { class: 'dim small' }, text) : null,
        tree(branches),
    );
}

/** @param {Branch} one */
function leaf({ title, text, tone }) {
    return h(
        'div',
        { class: ['create-leaf', tone] },
        h('span', { class: text && 'create-leaf-title' }, title),
        text ? h('span', { class: 'create-leaf-text' }, text) : null,
    );
}

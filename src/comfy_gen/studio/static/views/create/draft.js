/** What somebody is about to have made. It is the same after a reload, and what was changed can be undone. */

import { keep, recall } from '../../core/kept.js';
import { batch, computed, effect, signal } from '../../core/signals.js';
import { begun, recorded, redone, undone } from './history.js';

/** @typedef {{ name: string, strength: number }} Lora */
/** @typedef {{ name: string, label: string }} InputImage `name` is what requests call it. */
/** @typedef {{ name: string }} Mask */
/**
 * What is said of quality, by the names of the service; what is not there is as it is usual.
 * @typedef {{ validate?: boolean, auto_retry?: boolean, retry_limit?: number, retry_strategy?: 'progressive' | 'seed_search' | 'prompt_enhance', positive_threshold?: number, delta_threshold?: number, best_of?: number }} Quality
 */
/**
 * Of all that is empty or null, the workflow or the categories decide.
 * @typedef {object} Draft
 * @property {string} text
 * @property {string[]} without Categories that are not to be used, although the text seems to mean them.
 * @property {string} tier What the picture may show; empty for what whoever is here has anyway.
 * @property {string} negative
 * @property {string} workflow Empty: one is chosen that fits.
 * @property {string} model
 * @property {string} aspect Such as `3:2`, or `custom`; empty for the workflow's own.
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} steps
 * @property {number | null} cfg
 * @property {string} sampler
 * @property {string} scheduler
 * @property {number | null} denoise
 * @property {number | null} seed Null: another each time.
 * @property {boolean} isSeedLocked
 * @property {number} count
 * @property {Lora[]} loras
 * @property {string} preset
 * @property {InputImage | null} inputImage
 * @property {Mask | null} mask
 * @property {Record<string, unknown>} inputs What else the workflow takes, by the names of its schema.
 * @property {Quality} quality
 */

/** @type {Draft} */
export const INITIAL = {
    text: '',
    without: [],
    tier: '',
    negative: '',
    workflow: '',
    model: '',
    aspect: '',
    width: null,
    height: null,
    steps: null,
    cfg: null,
    sampler: '',
    scheduler: '',
    denoise: null,
    seed: null,
    isSeedLocked: false,
    count: 1,
    loras: [],
    preset: '',
    inputImage: null,
    mask: null,
    inputs: {},
    quality: {},
};

/** @typedef {{ [Name in keyof Draft]: import('../../core/signals.js').Signal<Draft[Name]> }} Signals */

const NAMES = /** @type {Array<keyof Draft>} */ (Object.keys(INITIAL));
const KEPT = 'create:draft';

/** Each part of it, to be read and set. */
export const draft = /** @type {Signals} */ (
    Object.fromEntries(Object.entries(restored()).map(([name, value]) => [name, signal(value)]))
);

/** @type {import('../../core/signals.js').Signal<import('./history.js').History<Draft>>} */
const history = signal(begun(written()));

effect(() => {
    const now = written();
    history.value = recorded(history.peek(), now, Date.now());
    keep(KEPT, now);
});

export const mayUndo = computed(() => history.value.past.length > 0);
export const mayRedo = computed(() => history.value.future.length > 0);
/** Whether there is anything that could be cleared away. */
export const isTouched = computed(() => JSON.stringify(written()) !== JSON.stringify(INITIAL));

export function undo() {
    travel(undone(history.peek()));
}

export function redo() {
    travel(redone(history.peek()));
}

/**
 * Set several parts in one step. What is left out stays.
 * @param {Partial<Draft>} parts
 */
export function change(parts) {
    batch(() => put(parts));
}

/** Clear all of it; that can be undone too. */
export const startAfresh = () => change(INITIAL);

/**
 * All of it as a value.
 * @returns {Draft}
 */
export function written() {
    return /** @type {Draft} */ (Object.fromEntries(NAMES.map((name) => [name, draft[name].value])));
}

/** @param {import('./history.js').History<Draft>} there */
function travel(there) {
    batch(() => {
        history.value = there;
        put(there.present);
    });
}

/** @param {Partial<Draft>} parts */
function put(parts) {
    for (const [name, value] of Object.entries(parts)) {
        const one = /** @type {import('../../core/signals.js').Signal<any>} */ (
            draft[/** @type {keyof Draft} */ (name)]
        );
        if (one) one.value = value;
    }
}

/** @returns {Draft} What was kept, as far as it is of the kind that it should be. */
function restored() {
    const found = /** @type {any} */ (recall(KEPT, {}) ?? {});
    return /** @type {Draft} */ (
        Object.fromEntries(
            Object.entries(INITIAL).map(([name, initial]) => [
                name,
                isLike(found[name], initial) ? found[name] : initial,
            ]),
        )
    );
}

/**
 * @param {unknown} value
 * @param {unknown} initial
 */
function isLike(value, initial) {
    if (value === undefined) return false;
    if (initial === null || value === null) return initial === null;
    return typeof value === typeof initial && Array.isArray(value) === Array.isArray(initial);
}

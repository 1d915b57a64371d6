/** A grid that is being planned: what was written, what that means, and making it. */

import { keptSignal } from '../../core/kept.js';
import { go } from '../../core/router.js';
import { computed, effect, signal, untracked } from '../../core/signals.js';
import { now } from '../../core/words.js';
import { confirm } from '../../parts/dialogs.js';
import { baseAsked } from './base.js';
import { choices, pace } from './choices.js';
import { gridIdOf } from './identity.js';
import { addGrid, gridOf } from './kept.js';
import { AXES, BLANK, MANY_CELLS, nameOf, planned, seeded } from './plan.js';
import { MOST_VALUES } from './ranges.js';
import { send } from './sending.js';
import { estimateText } from './standing.js';

/** @typedef {ReturnType<typeof planning>} Planning */

const FIRST = { ...BLANK, parameter: 'seed', texts: { seed: 'random 4' } };
/** What was planned last; kept over reloads. */
const written = {
    x: keptSignal('grids:x', FIRST),
    y: keptSignal('grids:y', BLANK),
    z: keptSignal('grids:z', BLANK),
};

export function planning() {
    const asked = baseAsked();
    const draft = computed(() => asked.base.value?.draft ?? null);
    const known = choices(() => draft.value);
    const tempo = pace();
    const drawn = randomNumbers(MOST_VALUES + 1);
    const name = signal('');
    const isAsked = signal(false);
    const plan = computed(() => {
        if (!draft.value) return null;
        const all = { x: written.x.value, y: written.y.value, z: written.z.value };
        const draw = (/** @type {number} */ at) => drawn[at] ?? 0;
        return planned(all, known.parameters.value, { base: draft.value, schema: known.schema.value, draw });
    });
    takeOver(asked.base);
    return {
        ...{ asked, known, tempo, name, plan, written },
        /** Whether somebody has tried to make it, so that all that is wrong is said. */
        isAsked,
        isReady: computed(() => known.isReady.value && !known.missing.value),
        /** Make it, unless something is wrong with it: then false. */
        make: async () => {
            isAsked.value = true;
            const { axes, count } = plan.peek() ?? { axes: null, count: 0 };
            const base = draft.peek();
            if (!axes || !base) return false;
            if (count > MANY_CELLS && !(await isMeant(count, tempo.now.peek()))) return true;
            make(name.peek().trim() || nameOf(axes), seeded(base, drawn[MOST_VALUES] ?? 0), axes);
            return true;
        },
    };
}

/**
 * @param {string} name
 * @param {import('../create/draft.js').Draft} base
 * @param {import('./plan.js').Axes} axes
 */
function make(name, base, axes) {
    const id = gridIdOf(crypto.getRandomValues(new Uint8Array(10)));
    const all = { x: written.x.peek(), y: written.y.peek(), z: written.z.peek() };
    const grid = { id, name, created: now(), base, axes, written: all, isStopped: false };
    addGrid(grid);
    send(grid);
    go('grids', { grid: id });
}

/**
 * @param {number} count
 * @param {Parameters<typeof estimateText>[1]} tempo
 */
function isMeant(count, tempo) {
    const time = estimateText(count, tempo);
    const text = `${time ? `That takes ${time}. ` : ''}It can be cancelled on the way.`;
    return confirm(`Make ${count} pictures?`, { text, yes: 'Make them', kind: 'main' });
}

/**
 * Take over the axes of the grid that another is to be like.
 * @param {import('../../core/signals.js').Computed<import('./base.js').Base | null>} base
 */
function takeOver(base) {
    const like = computed(() => (base.value?.kind === 'grid' ? base.value.id : ''));
    effect(() => {
        const found = like.value ? untracked(() => gridOf(like.value)) : undefined;
        for (const which of AXES)
            if (found?.written?.[which]) written[which].value = { ...BLANK, ...found.written[which] };
    });
}

/** @param {number} count */
const randomNumbers = (count) => [...crypto.getRandomValues(new Uint32Array(count))];

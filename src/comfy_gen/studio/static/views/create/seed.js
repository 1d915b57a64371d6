/** The seed: a random one each time, or one that is kept. */

import { h } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { numberField } from '../../parts/fields.js';
import { change } from './draft.js';

/** The one that the last picture was begun with. */
export const lastSeed = signal(/** @type {number | null} */ (null));

export const newSeed = () => /** @type {number} */ (crypto.getRandomValues(new Uint32Array(1))[0]);

/** @param {import('./kit.js').Kit} kit */
export function seed({ draft, errorOf }) {
    const put = (/** @type {number | null} */ value) => change({ seed: value, isSeedLocked: value !== null });
    const bound = {
        get value() {
            return draft.seed.value;
        },
        set value(value) {
            put(value);
        },
    };
    const isLocked = () => draft.seed.value !== null;
    const last = () => (lastSeed.value === null ? '' : ` (was ${lastSeed.value})`);
    return h(
        'div',
        { class: 'create-seed' },
        numberField('Seed', bound, {
            ...{ min: 0, step: 1 },
            placeholder: () => `Random${last()}`,
            error: () => errorOf('seed'),
        }),
        button({ label: 'Draw a seed', icon: 'seed', isBare: true, onclick: () => put(newSeed()) }),
        button({
            label: 'Keep the seed',
            icon: () => (isLocked() ? 'lock' : 'unlock'),
            isBare: true,
            pressed: isLocked,
            onclick: () => put(isLocked() ? null : (lastSeed.peek() ?? newSeed())),
        }),
    );
}

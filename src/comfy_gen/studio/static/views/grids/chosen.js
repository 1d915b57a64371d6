/** What can be done with the cell of a grid that is chosen. */

import { h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { may } from '../../core/session.js';
import { computed } from '../../core/signals.js';
import { button, linkButton } from '../../parts/buttons.js';
import { jobIdOf } from './identity.js';
import { cellsOf, cellText } from './plan.js';
import { isMissing, STATES } from './standing.js';

/**
 * @param {import('./kept.js').Grid} grid
 * @param {readonly import('./following.js').Followed[]} standings
 * @param {() => number} chosen
 * @param {(index: number) => unknown} retry
 */
export function chosenCell(grid, standings, chosen, retry) {
    const cells = cellsOf(grid.axes);
    const standing = computed(() => standings[chosen()]?.value);
    const state = computed(() => standing.value?.state);
    return h('section', { class: 'card grids-chosen', 'aria-label': 'The chosen cell' }, () => {
        const [cell, found] = [cells[chosen()], state.value];
        if (!cell || !found) return null;
        const id = jobIdOf(grid.id, cell.index);
        return [
            h(
                'div',
                { class: 'grow' },
                h('p', { class: 'grids-chosen-text' }, cellText(grid.axes, cell)),
                found === 'done' ? null : why(found, () => standing.value?.said ?? ''),
            ),
            h('div', { class: 'row' }, found === 'done' ? ways(id) : null, () =>
                isMissing({ state: found }) && may('generate')
                    ? button({ label: 'Make it again', icon: 'refresh', onclick: () => retry(cell.index) })
                    : null,
            ),
        ];
    });
}

/**
 * @param {import('./standing.js').Standing['state']} state
 * @param {() => string} said
 */
const why = (state, said) =>
    h('p', { class: ['small', isMissing({ state }) ? 'bad' : 'dim'] }, () =>
        [STATES[state], said()].filter(Boolean).join(': '),
    );

/** @param {string} id */
const ways = (id) => [
    linkButton({ label: 'Open', icon: 'zoom', href: linkTo('gallery', { open: id }) }),
    linkButton({
        label: 'Use this cell',
        icon: 'create',
        kind: 'main',
        href: linkTo('create', { from: id, as: 'settings' }),
    }),
    linkButton({ label: 'Vary', icon: 'seed', href: linkTo('create', { from: id, as: 'vary' }) }),
];

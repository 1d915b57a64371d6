/** Grids: the same picture again and again, with one thing changed from column to column, and another from row to row. */

import { h } from '../../core/dom.js';
import { linkTo, place } from '../../core/router.js';
import { computed, effect, untracked } from '../../core/signals.js';
import { linkButton } from '../../parts/buttons.js';
import { head } from '../../parts/head.js';
import { empty } from '../../parts/states.js';
import { earlierGrids } from './earlier.js';
import { oneGrid } from './grid.js';
import { gridOf } from './kept.js';
import { planner } from './planner.js';

export function view() {
    const asked = computed(() => (place.value.view === 'grids' ? (place.value.query.get('grid') ?? '') : ''));
    const root = h('div', { class: 'view grids' }, () => {
        const id = asked.value;
        return untracked(() => (id ? known(id) : all()));
    });
    let isFirst = true;
    effect(() => {
        void asked.value;
        if (!isFirst) queueMicrotask(() => root.querySelector('h1')?.focus());
        isFirst = false;
    });
    return root;
}

const all = () => [head('Grids'), planner(), earlierGrids()];

/** @param {string} id */
function known(id) {
    const grid = gridOf(id);
    if (grid) return oneGrid(grid);
    return [
        head('Grids'),
        empty({
            icon: 'grids',
            title: 'This browser does not know that grid',
            text: 'It was deleted from the list, or made in another browser. Its pictures are in the gallery.',
            actions: [
                linkButton({ label: 'All grids', icon: 'grids', href: linkTo('grids') }),
                linkButton({ label: 'Gallery', icon: 'gallery', href: linkTo('gallery') }),
            ],
        }),
    ];
}

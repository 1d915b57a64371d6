/** The grids that were made before. */

import { thumbnailOf } from '../../core/api.js';
import { each, h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { computed } from '../../core/signals.js';
import { ago, moment, now } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { confirm } from '../../parts/dialogs.js';
import { icon } from '../../parts/icons.js';
import { empty } from '../../parts/states.js';
import { say } from '../../parts/toasts.js';
import { standingsOf, unfollow } from './following.js';
import { gridOf, grids, removeGrid } from './kept.js';
import { cancelAll, keepUp } from './sending.js';
import { tallied, tallyText } from './standing.js';

/** @typedef {import('./kept.js').Grid} Grid */

/** So many pictures of a grid are shown for it. */
const SHOWN = 4;
/** So many unfinished ones are asked for at once when the view opens. */
const TAKEN_UP = 6;

export function earlierGrids() {
    keepUp(grids.peek().filter(isUnfinished).slice(0, TAKEN_UP));
    const ids = computed(() => grids.value.map((one) => one.id));
    return h(
        'section',
        { class: 'stack', 'aria-labelledby': 'grids-earlier' },
        h('h2', { id: 'grids-earlier', tabindex: '-1' }, 'Earlier grids'),
        () => (ids.value.length ? null : nothing()),
        h(
            'ul',
            { class: 'grids-list', hidden: () => !ids.value.length },
            each(
                () => ids.value,
                (id) => id,
                (id) => h('li', null, entry(/** @type {Grid} */ (gridOf(id)))),
            ),
        ),
    );
}

function nothing() {
    const text =
        'Choose above what changes from column to column and from row to row, and make one. It is listed here then.';
    return empty({ icon: 'grids', title: 'No grids yet', text });
}

/** @param {Grid} grid */
function entry(grid) {
    const standings = standingsOf(grid);
    const tally = computed(() => tallied(standings.map((one) => one.value)));
    const pictures = computed(() => standings.flatMap((one) => pictureIn(one.value)).slice(0, SHOWN));
    return h(
        'article',
        { class: 'card grids-entry' },
        h(
            'a',
            { class: 'grids-entry-link', href: linkTo('grids', { grid: grid.id }) },
            h('span', { class: 'grids-few', 'aria-hidden': 'true' }, () =>
                pictures.value.length
                    ? pictures.value.map((id) => h('img', { src: thumbnailOf(id), alt: '', loading: 'lazy' }))
                    : icon('grids', 'large'),
            ),
            h(
                'span',
                { class: 'grids-entry-text' },
                h('span', { class: 'grids-entry-name' }, grid.name),
                h('span', { class: 'grids-entry-prompt dim small' }, grid.base.text),
                h(
                    'span',
                    { class: 'dim small', title: moment(grid.created) },
                    () => `${tallyText(tally.value)} · ${ago(grid.created, now())}`,
                ),
            ),
        ),
        button({
            label: `Delete ${grid.name}`,
            icon: 'trash',
            kind: 'quiet',
            isBare: true,
            onclick: () => drop(grid, tally.peek()),
        }),
    );
}

/** @param {import('./standing.js').Standing} standing */
const pictureIn = ({ picture }) => (picture?.media_type.startsWith('image/') ? [picture.id] : []);

/** @param {Grid} grid */
function isUnfinished(grid) {
    const { done, missing, all } = tallied(standingsOf(grid).map((one) => one.peek()));
    return done + missing < all;
}

/**
 * @param {Grid} grid
 * @param {import('./standing.js').Tally} tally
 */
async function drop(grid, { going, unsent }) {
    const isGoing = going + unsent > 0 && !gridOf(grid.id)?.isStopped;
    const text = `${isGoing ? 'What has not been made is cancelled. ' : ''}Its pictures stay in the gallery.`;
    if (!(await confirm(`Delete the grid “${grid.name}” from the list?`, { text, yes: 'Delete' }))) return;
    if (isGoing) await cancelAll(grid);
    removeGrid(grid.id);
    unfollow(grid.id);
    document.getElementById('grids-earlier')?.focus();
    say('The grid is deleted; its pictures are in the gallery.');
}

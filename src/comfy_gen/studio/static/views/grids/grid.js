/** Shows one grid: how far it is, its sheets, and what can be done with all of it. */

import { h } from '../../core/dom.js';
import { keptSignal } from '../../core/kept.js';
import { go, linkTo } from '../../core/router.js';
import { may } from '../../core/session.js';
import { computed, effect, signal } from '../../core/signals.js';
import { capital, duration, moment, now } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { confirm } from '../../parts/dialogs.js';
import { field } from '../../parts/fields.js';
import { head } from '../../parts/head.js';
import { progress } from '../../parts/pictures.js';
import { tabs } from '../../parts/tabs.js';
import { report } from '../../parts/toasts.js';
import { chosenCell } from './chosen.js';
import { standingsOf } from './following.js';
import { jobIdOf } from './identity.js';
import { gridOf } from './kept.js';
import { labelsOf, recipeText } from './plan.js';
import { cancelAll, keepUp, retry } from './sending.js';
import { isMissing, secondsLeft, tallied, tallyText } from './standing.js';
import { table } from './table.js';

/** @typedef {import('./kept.js').Grid} Grid */

const [SMALLEST, LARGEST] = [72, 640];
const width = keptSignal('grids:cell', 176);
/** @type {Map<string, import('../../core/signals.js').Signal<number>>} Which cell was chosen last, so that whoever comes back from its picture is there again. */
const chosenIn = new Map();

/** @param {Grid} grid */
export function oneGrid(grid) {
    const standings = standingsOf(grid);
    const chosen = chosenIn.get(grid.id) ?? signal(0);
    chosenIn.set(grid.id, chosen);
    keepUp([grid]);
    const size = grid.axes.x.values.length * (grid.axes.y?.values.length ?? 1);
    const tally = computed(() => tallied(standings.map((one) => one.value)));
    const again = (/** @type {number} */ index) => retry(grid, [index]);
    const open = (/** @type {number} */ index) => {
        const found = standings[index]?.peek();
        if (found?.state === 'done') go('gallery', { open: jobIdOf(grid.id, index) });
        else if (found && isMissing(found) && may('generate')) again(index).catch(report);
    };
    const sheet = (/** @type {number} */ at) =>
        table({ grid, sheet: at, standings, chosen, width: () => width.value, open, retry: again });
    const current = signal(String(Math.floor(chosen.peek() / size)));
    effect(() => {
        chosen.value = Number(current.value) * size + (chosen.peek() % size); // the same place of the other sheet
    });
    return [
        head(
            grid.name,
            linkButton({ label: 'All grids', icon: 'back', href: linkTo('grids') }),
            tools(grid, tally, current),
        ),
        h(
            'div',
            { class: 'stack tight' },
            h('p', { class: 'grids-prompt' }, grid.base.text),
            h(
                'p',
                { class: 'dim small' },
                [recipeText(grid.base, grid.axes), moment(grid.created)].filter(Boolean).join(' · '),
            ),
        ),
        h('div', { class: 'grids-bar' }, standingOfAll(tally), zoom()),
        grid.axes.z ? tabs(grid.axes.z.title, sheetTabs(grid, sheet), current) : sheet(0),
        chosenCell(grid, standings, () => chosen.value, again),
    ];
}

/**
 * @param {Grid} grid
 * @param {(at: number) => Node} sheet
 */
function sheetTabs({ axes: { z } }, sheet) {
    return labelsOf(z).map((text, at) => ({ id: String(at), title: `${z?.title} ${text}`, show: () => sheet(at) }));
}

/**
 * @param {Grid} grid
 * @param {import('../../core/signals.js').Computed<import('./standing.js').Tally>} tally
 * @param {import('../../core/signals.js').Signal<string>} current
 */
function tools(grid, tally, current) {
    const isGoing = computed(() => tally.value.going > 0 || (tally.value.unsent > 0 && !gridOf(grid.id)?.isStopped));
    const missing = computed(() => tally.value.missing);
    return [
        () =>
            isGoing.value && may('generate')
                ? button({ label: 'Cancel the rest', icon: 'cancel', onclick: () => stop(grid) })
                : null,
        () =>
            missing.value && !isGoing.value && may('generate')
                ? button({
                      label: `Make the missing ${missing.value}`,
                      icon: 'refresh',
                      kind: 'main',
                      onclick: () => retry(grid),
                  })
                : null,
        linkButton({ label: 'Another like it', icon: 'copy', href: linkTo('grids', { like: grid.id }) }),
        button({
            label: 'Export',
            icon: 'download',
            disabled: () => !tally.value.done,
            onclick: async () => {
                const { exportGrid } = await import('./exporting.js');
                await exportGrid(grid, Number(current.peek()));
            },
        }),
    ];
}

/** @param {Grid} grid */
async function stop(grid) {
    const text = 'What has been made stays. The rest can be made later.';
    if (await confirm('Cancel the rest of this grid?', { text, yes: 'Cancel the rest' })) await cancelAll(grid);
}

/** @param {import('../../core/signals.js').Computed<import('./standing.js').Tally>} tally */
function standingOfAll(tally) {
    const text = computed(() => capital(tallyText(tally.value)));
    const since = { at: now(), done: tally.peek().done };
    const left = computed(() => secondsLeft(tally.value, since, now()));
    const isOver = computed(() => tally.value.done + tally.value.missing === tally.value.all);
    return h(
        'div',
        { class: 'stack tight grow' },
        h(
            'p',
            null,
            h('span', { role: 'status' }, () => text.value),
            () => (left.value === null ? null : h('span', { class: 'dim' }, ` · about ${duration(left.value)} left`)),
        ),
        () =>
            isOver.value
                ? null
                : progress('The grid', () =>
                      Math.round((100 * (tally.value.done + tally.value.missing)) / tally.value.all),
                  ),
    );
}

function zoom() {
    return field(
        'Size of the pictures',
        (described) =>
            h('input', {
                ...described,
                ...{ type: 'range', min: SMALLEST, max: LARGEST, step: 8 },
                value: () => String(width.value),
                oninput: (/** @type {any} */ event) => {
                    width.value = Number(event.target.value);
                },
            }),
        { isBare: false },
    );
}

/** Two to four pictures side by side, all showing the same part; two also one over the other, with an edge to move. */

import { get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { stage, zoomByKey } from '../../parts/stage.js';
import { loaded } from '../../parts/states.js';
import { table } from '../../parts/tables.js';
import { isWriting, zoomTools } from '../../parts/viewer.js';
import { FITTED } from '../../parts/zooming.js';
import { differencesOf } from './facts.js';
import { nameOf } from './naming.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {Wire<'Differences'>} Differences */
/** @typedef {import('../../parts/stage.js').ZoomSignal} ZoomSignal */

const LETTERS = 'ABCD';

/**
 * Show them; settles when it is closed.
 * @param {readonly Tile[]} tiles
 */
export function openCompare(tiles) {
    return openDialog('Compare', () => content(tiles), { kind: 'whole' });
}

/** @param {readonly Tile[]} tiles */
function content(tiles) {
    const zoom = signal(FITTED);
    const isWiping = signal(false);
    const root = h(
        'div',
        { class: 'gallery-compare' },
        h(
            'div',
            { class: 'row gallery-compare-tools' },
            tiles.length === 2
                ? button({
                      label: 'One over the other',
                      icon: 'compare',
                      pressed: () => isWiping.value,
                      onclick: () => {
                          isWiping.value = !isWiping.peek();
                      },
                  })
                : null,
            h('span', { class: 'grow' }),
            zoomTools(zoom),
        ),
        () => (isWiping.value ? wiped(tiles, zoom) : sideBySide(tiles, zoom)),
        differences(tiles),
    );
    root.addEventListener('keydown', (event) => {
        if (!isWriting(event)) zoomByKey(event, zoom);
    });
    return root;
}

/**
 * @param {readonly Tile[]} tiles
 * @param {ZoomSignal} zoom
 */
const sideBySide = (tiles, zoom) =>
    h(
        'div',
        { class: ['gallery-sides', `of-${tiles.length}`] },
        tiles.map((tile, at) =>
            h('figure', { class: 'gallery-side' }, stageOf(tile, at, zoom), h('figcaption', null, captionOf(tile, at))),
        ),
    );

/**
 * @param {readonly Tile[]} tiles
 * @param {ZoomSignal} zoom
 */
function wiped(tiles, zoom) {
    const edge = signal(50);
    const [under, over] = tiles.map((tile, at) => stageOf(tile, at, zoom));
    return h(
        'div',
        { class: 'gallery-wipe', style: () => ({ '--edge': `${edge.value}%` }) },
        h(
            'div',
            { class: 'gallery-wiped' },
            h('div', { class: 'gallery-layer' }, under),
            h('div', { class: 'gallery-layer over', inert: true }, over),
            h('div', { class: 'gallery-edge' }),
        ),
        h('input', {
            type: 'range',
            class: 'gallery-wiper',
            min: 0,
            max: 100,
            step: 'any',
            'aria-label': 'Where the one ends and the other begins',
            'aria-valuetext': () => `${Math.round(edge.value)} % of A`,
            value: () => String(edge.value),
            oninput: (/** @type {any} */ event) => {
                edge.value = Number(event.target.value);
            },
        }),
        h(
            'p',
            { class: 'dim small gallery-wipe-names' },
            tiles.map((tile, at) => h('span', null, captionOf(tile, at))),
        ),
    );
}

/**
 * @param {Tile} tile
 * @param {number} at
 * @param {ZoomSignal} zoom
 */
const stageOf = (tile, at, zoom) =>
    stage(() => (tile.artifact_id ? { ...tile, id: tile.artifact_id, text: captionOf(tile, at) } : null), zoom, {
        label: `Picture ${LETTERS[at]}`,
    });

/**
 * @param {Tile} tile
 * @param {number} at
 */
const captionOf = (tile, at) => `${LETTERS[at]}: ${nameOf(tile)}`;

/** @param {readonly Tile[]} tiles */
function differences(tiles) {
    const [first, ...others] = tiles;
    const found = loaded((until) => {
        const asked = others.map((other) => get(`/library/${first?.id}/diff/${other.id}`, {}, until));
        return /** @type {Promise<Differences[]>} */ (Promise.all(asked));
    });
    return h(
        'section',
        { class: 'gallery-differences', tabindex: '0', 'aria-label': 'Differences' },
        h('h3', null, 'What is different'),
        found.show((all) => settings(all), 'the differences'),
    );
}

/** @param {readonly Differences[]} found */
function settings(found) {
    const rows = differencesOf(found);
    if (!rows.length)
        return h('p', { class: 'dim' }, 'Nothing that was asked for: they were made with the same settings.');
    return table(
        ['Setting', ...[...LETTERS].slice(0, found.length + 1)],
        rows.map(({ name, values }) =>
            h(
                'tr',
                null,
                h('th', { scope: 'row' }, name),
                values.map((value) => h('td', null, value)),
            ),
        ),
    );
}

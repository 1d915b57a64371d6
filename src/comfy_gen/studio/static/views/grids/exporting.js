/** Offers a grid as one labelled picture, or as its files. */

import { addressOf } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { computed, signal } from '../../core/signals.js';
import { amount, count, moment } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { selectField, toggle } from '../../parts/fields.js';
import { progress } from '../../parts/pictures.js';
import { standingsOf } from './following.js';
import { jobIdOf } from './identity.js';
import { measuring, painted } from './painting.js';
import { cellsOf, labelsOf, recipeText } from './plan.js';
import { laidOut } from './sheet.js';
import { STATES } from './standing.js';

/** @typedef {import('./kept.js').Grid} Grid */

const WIDTHS = ['128', '256', '384', '512', '768', '1024'];
/** So many generations are in one archive. */
const IN_ARCHIVE = 200;

/**
 * Ask how, and hand it over.
 * @param {Grid} grid
 * @param {number} sheet The one that is shown.
 */
export function exportGrid(grid, sheet) {
    return openDialog('Export the grid', () => {
        const [width, which, hasFoot] = [signal('384'), signal('one'), signal(true)];
        const done = signal(/** @type {number | null} */ (null));
        const measure = measuring();
        const isAll = () => !grid.axes.z || which.value === 'all';
        const laid = computed(() => {
            const sheets = isAll() ? sheetsOf(grid) : sheetsOf(grid).slice(sheet, sheet + 1);
            return laidOut(contentOf(grid, sheets, Number(width.value), hasFoot.value), measure);
        });
        const paint = async () => {
            done.value = 0;
            try {
                const picture = await painted(laid.peek(), told(grid), (number) => {
                    done.value = number;
                });
                handOver(picture, `${fileName(grid.name)}.png`);
            } finally {
                done.value = null;
            }
        };
        return [
            selectField('Width of each picture', width, () => WIDTHS.map((one) => [one, `${one} pixels`])),
            grid.axes.z
                ? selectField('Sheets', which, () => [
                      ['one', 'The one that is shown'],
                      ['all', 'All, one below the other'],
                  ])
                : null,
            toggle('What all pictures share, at the foot', hasFoot),
            h('p', { class: 'dim small', role: 'status' }, () => sizeText(laid.value)),
            () =>
                done.value === null
                    ? null
                    : progress('Painting', () => Math.round((100 * (done.value ?? 0)) / laid.value.pictures.length)),
            h(
                'footer',
                null,
                archives(grid),
                button({ label: 'Download the PNG', icon: 'download', kind: 'main', onclick: paint }),
            ),
        ];
    });
}

/**
 * Return what is laid out.
 * @param {Grid} grid
 * @param {Array<{ title: string, first: number }>} sheets
 * @param {number} width
 * @param {boolean} hasFoot
 * @returns {import('./sheet.js').SheetContent}
 */
function contentOf({ id, name, axes, base, created }, sheets, width, hasFoot) {
    const standings = standingsOf({ id, axes, name, base, created, written: /** @type {any} */ ({}), isStopped: true });
    const sizes = standings.flatMap((cell) => cell.peek().picture ?? []);
    const tallest = Math.max(...sizes.map((one) => (one.width && one.height ? one.height / one.width : 1)), 0);
    return {
        ...{
            title: name,
            xTitle: axes.x.title,
            yTitle: axes.y?.title ?? '',
            columns: labelsOf(axes.x),
            rows: labelsOf(axes.y),
            sheets,
        },
        foot: hasFoot ? [base.text, recipeText(base, axes), moment(created)].filter(Boolean).join(' · ') : '',
        cell: { width, height: Math.round(width * (tallest || 1)) },
    };
}

/** @param {Grid} grid */
function sheetsOf({ axes }) {
    const size = axes.x.values.length * (axes.y?.values.length ?? 1);
    return labelsOf(axes.z).map((text, at) => ({ title: axes.z ? `${axes.z.title}: ${text}` : '', first: at * size }));
}

/** @param {Grid} grid */
function told(grid) {
    const standings = standingsOf(grid);
    return (/** @type {number} */ index) => {
        const { picture, state } = standings[index]?.peek() ?? {};
        return {
            picture: picture?.media_type.startsWith('image/') ? picture.id : null,
            said: state ? STATES[state] : '',
        };
    };
}

/** @param {import('./sheet.js').Sheet} sheet */
function sizeText({ width, height, isReduced, cell }) {
    const reduced = isReduced ? `, with pictures ${cell.width} pixels wide: more is too much for browsers` : '';
    return `${count(width)} × ${count(height)} pixels${reduced}.`;
}

/** @param {Grid} grid */
function archives(grid) {
    const standings = standingsOf(grid);
    const ids = cellsOf(grid.axes)
        .filter(({ index }) => standings[index]?.peek().state === 'done')
        .map(({ index }) => jobIdOf(grid.id, index));
    const parts = Array.from({ length: Math.ceil(ids.length / IN_ARCHIVE) }, (_, at) =>
        ids.slice(at * IN_ARCHIVE, (at + 1) * IN_ARCHIVE),
    );
    return parts.map((part, at) =>
        linkButton({
            label: parts.length > 1 ? `ZIP ${at + 1} of ${parts.length}` : `ZIP of ${amount(part.length, 'picture')}`,
            icon: 'download',
            href: addressOf('/library/archive', { id: part }),
            download: true,
        }),
    );
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function handOver(blob, name) {
    const address = URL.createObjectURL(blob);
    h('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {string} name */
const fileName = (name) =>
    name
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60) || 'grid';

/** Small charts: a line or bars of what was, the newest at the right. What they show is also said in words. */

import { h, svg } from '../core/dom.js';

const [WIDTH, HEIGHT] = [300, 64];

/**
 * Return the points of a line over values, as a path's data. Pure.
 * @param {readonly number[]} values The oldest first.
 * @param {number} most What is at the top.
 * @param {number} [room] For so many values; they end at the right.
 */
export function lineOver(values, most, room = values.length) {
    const step = WIDTH / Math.max(room - 1, 1);
    const left = WIDTH - step * (values.length - 1);
    return values
        .map((value, at) => `${at ? 'L' : 'M'}${(left + at * step).toFixed(1)} ${heightOf(value, most).toFixed(1)}`)
        .join('');
}

/**
 * @param {number} value
 * @param {number} most
 */
function heightOf(value, most) {
    return HEIGHT - 2 - (most > 0 ? (Math.min(value, most) / most) * (HEIGHT - 6) : 0);
}

/**
 * Show lines over the same time.
 * @param {string} title
 * @param {() => string} words What it shows, in a sentence.
 * @param {() => ReadonlyArray<{ name: string, values: readonly number[] }>} lines Two at most.
 * @param {number} room
 */
export function lineChart(title, words, lines, room) {
    const most = () => Math.max(1, ...lines().flatMap((one) => one.values));
    return chart(title, words, () =>
        lines().map(({ name, values }, at) =>
            svg(
                'path',
                { class: `chart-line line-${at}`, d: lineOver(values, most(), room) },
                svg('title', null, name),
            ),
        ),
    );
}

/**
 * Show bars, each of one or two parts that stand on each other.
 * @param {string} title
 * @param {() => string} words
 * @param {() => ReadonlyArray<{ label: string, parts: readonly number[] }>} bars
 */
export function barChart(title, words, bars) {
    return chart(title, words, () => {
        const all = bars();
        const most = Math.max(1, ...all.map((one) => one.parts.reduce((sum, part) => sum + part, 0)));
        const width = WIDTH / Math.max(all.length, 1);
        return all.map((bar, at) => stacked(bar, at * width, width, most));
    });
}

/**
 * @param {{ label: string, parts: readonly number[] }} bar
 * @param {number} x
 * @param {number} width
 * @param {number} most
 */
function stacked({ label, parts }, x, width, most) {
    let from = 0;
    return svg(
        'g',
        null,
        svg('title', null, label),
        parts.map((part, at) => {
            const [top, bottom] = [heightOf(from + part, most), heightOf(from, most)];
            from += part;
            return part
                ? svg('rect', {
                      class: `chart-bar part-${at}`,
                      x: x + width * 0.1,
                      y: top,
                      width: width * 0.8,
                      height: Math.max(bottom - top, 1),
                  })
                : null;
        }),
    );
}

/**
 * @param {string} title
 * @param {() => string} words
 * @param {() => import('../core/dom.js').Child} drawn
 */
function chart(title, words, drawn) {
    return h(
        'figure',
        { class: 'card chart' },
        h('figcaption', null, h('h2', null, title), h('p', { class: 'dim small number' }, words)),
        svg(
            'svg',
            {
                viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
                preserveAspectRatio: 'none',
                role: 'img',
                'aria-label': () => `${title}: ${words()}`,
            },
            drawn,
        ),
    );
}

/** Pictures as tiles, and the stars that people give them. */

import { thumbnailOf } from '../core/api.js';
import { h } from '../core/dom.js';
import { icon } from './icons.js';

/**
 * Show the small picture of an artifact, in its proportions before it is loaded.
 * @param {{ id: string, media_type: string, width: number | null, height: number | null }} artifact
 * @param {string} text What it shows; for who cannot see it.
 */
export function thumbnail(artifact, text) {
    if (!artifact.media_type.startsWith('image/'))
        return h('span', { class: 'thumbnail file', role: 'img', 'aria-label': text }, icon('image', 'large'));
    return h('img', {
        class: 'thumbnail',
        src: thumbnailOf(artifact.id),
        alt: text,
        loading: 'lazy',
        decoding: 'async',
        draggable: 'false',
        width: artifact.width,
        height: artifact.height,
    });
}

/**
 * Show a rating, and take another.
 * @param {() => number} rating From 0, which is none, to 5.
 * @param {(rating: number) => unknown} rate Given 0 where the star that it has is pressed again.
 */
export function stars(rating, rate) {
    return h(
        'div',
        { class: 'stars', role: 'group', 'aria-label': 'Rating' },
        [1, 2, 3, 4, 5].map((number) =>
            h(
                'button',
                {
                    type: 'button',
                    class: () => ['star', number <= rating() && 'given'],
                    'aria-label': number === 1 ? '1 star' : `${number} stars`,
                    'aria-pressed': () => String(number === rating()),
                    onclick: () => rate(number === rating() ? 0 : number),
                },
                icon('star'),
            ),
        ),
    );
}

/**
 * Show how far something is.
 * @param {string} label
 * @param {() => number | null} percent From 0 to 100; null where nobody knows.
 */
export function progress(label, percent) {
    return h(
        'div',
        {
            class: () => ['progress', percent() === null && 'unsure'],
            role: 'progressbar',
            'aria-label': label,
            'aria-valuemin': '0',
            'aria-valuemax': '100',
            'aria-valuenow': () => percent(),
        },
        h('div', { class: 'progress-done', style: () => ({ '--done': `${percent() ?? 30}%` }) }),
    );
}

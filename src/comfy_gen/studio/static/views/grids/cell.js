/** One cell of a grid: its picture, or what has become of it so far. */

import { pictureOf, thumbnailOf } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { previewOf } from '../../core/live.js';
import { computed, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { icon } from '../../parts/icons.js';
import { progress } from '../../parts/pictures.js';
import { STATES } from './standing.js';

/** @typedef {import('./standing.js').Standing} Standing */

/** Thumbnails have so many pixels; larger cells show the picture itself. */
const THUMBNAIL = 256;

/**
 * @param {object} how
 * @param {string} how.job
 * @param {string} how.text What is special about it.
 * @param {import('../../core/signals.js').Signal<Standing>} how.standing
 * @param {() => number} how.width In pixels of the page.
 * @param {() => unknown} how.retry
 */
export function cell({ job, text, standing, width, retry }) {
    const state = computed(() => standing.value.state);
    const isLarge = computed(() => width() * devicePixelRatio > THUMBNAIL * 1.3);
    return () => {
        if (state.value === 'done') return picture(/** @type {any} */ (standing.peek().picture), text, isLarge);
        if (state.value === 'running') return running(job, text, standing);
        if (state.value === 'waiting' || state.value === 'unsent')
            return h('div', { class: 'grids-state dim' }, h('span', null, STATES[state.value]));
        return h(
            'div',
            { class: 'grids-state' },
            h(
                'span',
                { class: ['row', 'tight', state.value !== 'cancelled' && 'bad'] },
                icon('warning'),
                STATES[state.value],
            ),
            () => (standing.value.said ? h('span', { class: 'grids-said small' }, standing.value.said) : null),
            button({
                label: 'Again',
                icon: 'refresh',
                kind: 'quiet',
                onclick: retry,
                more: { tabindex: '-1', 'aria-label': `Again: ${text}` },
            }),
        );
    };
}

/**
 * @param {import('./standing.js').Picture} found
 * @param {string} text
 * @param {import('../../core/signals.js').Computed<boolean>} isLarge
 */
function picture(found, text, isLarge) {
    const isLost = signal(false);
    if (!found.media_type.startsWith('image/'))
        return h(
            'div',
            { class: 'grids-state', role: 'img', 'aria-label': text },
            icon('image', 'large'),
            h('span', null, 'A file'),
        );
    return h('div', { class: 'grids-frame' }, () =>
        isLost.value
            ? h('span', { class: 'dim small' }, 'It was deleted.')
            : h('img', {
                  class: 'grids-picture',
                  src: () => (isLarge.value ? pictureOf(found.id) : thumbnailOf(found.id)),
                  alt: text,
                  ...{
                      loading: 'lazy',
                      decoding: 'async',
                      draggable: 'false',
                      width: found.width,
                      height: found.height,
                  },
                  onerror: () => {
                      isLost.value = true;
                  },
              }),
    );
}

/**
 * @param {string} job
 * @param {string} text
 * @param {import('../../core/signals.js').Signal<Standing>} standing
 */
function running(job, text, standing) {
    const preview = previewOf(job);
    return h(
        'div',
        { class: 'grids-frame' },
        () =>
            preview.value
                ? h('img', { class: 'grids-picture grids-preview', src: preview.value, alt: '' })
                : h('span', { class: 'dim small' }, STATES.running),
        h(
            'div',
            { class: 'grids-progress' },
            progress(text, () => standing.value.percent),
        ),
    );
}

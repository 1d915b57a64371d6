/** The window in which a picture is painted on: it can be enlarged and moved, by fingers, wheel, mouse and keys. */

import { h } from '../../../core/dom.js';
import { effect, ended, signal } from '../../../core/signals.js';
import { heedKeys } from './keys.js';
import { heedPointers } from './pointers.js';
import { fit, moved, within, zoomed } from './sight.js';

/** @typedef {import('./sight.js').Sight} Sight */
/** @typedef {import('./coverage.js').Point} Point */

/**
 * @param {HTMLImageElement} picture
 * @param {import('./surface.js').Surface} surface
 * @param {import('./brush.js').Brush} brush
 * @param {string} helpId Of the text that says how keys are used.
 */
export function makeEasel(picture, surface, brush, helpId) {
    const sight = signal(/** @type {Sight} */ ({ scale: 1, x: 0, y: 0 }));
    const isSeen = signal(false);
    const board = h('div', { class: 'create-mask-board' }, picture, surface.canvas);
    const ring = h('div', {
        class: () => ['create-mask-ring', isSeen.value || 'away', brush.isErasing.value && 'erasing'],
    });
    const node = h(
        'div',
        {
            class: 'create-mask-easel',
            tabindex: '0',
            role: 'application',
            'aria-label': 'Picture to paint on',
            'aria-describedby': helpId,
            onfocus: () => {
                isSeen.value = node.matches(':focus-visible');
            },
            onblur: () => {
                isSeen.value = false;
            },
        },
        board,
        ring,
    );
    const room = () => ({ width: node.clientWidth, height: node.clientHeight });
    const fitting = () => fit(surface.mask, room());
    const put = (/** @type {Sight} */ next) => {
        sight.value = within(next, surface.mask, room());
    };
    const easel = {
        node,
        sight,
        isSeen,
        fit: () => put(fitting()),
        /** @type {(factor: number, at?: Point) => void} */
        zoom: (factor, at = { x: room().width / 2, y: room().height / 2 }) =>
            put(zoomed(sight.peek(), at, factor, fitting().scale)),
        /** @type {(right: number, down: number) => void} */
        move: (right, down) => put(moved(sight.peek(), right, down)),
    };
    effect(() => place(board, ring, sight.value, surface.mask, brush));
    watchSize(node, easel.fit);
    heedPointers(easel, brush);
    heedKeys(easel, surface, brush);
    return easel;
}

/** @typedef {ReturnType<typeof makeEasel>} Easel */

/**
 * @param {HTMLElement} board
 * @param {HTMLElement} ring
 * @param {Sight} sight
 * @param {{ width: number, height: number }} size
 * @param {import('./brush.js').Brush} brush
 */
function place(board, ring, { scale, x, y }, size, brush) {
    const set = (/** @type {HTMLElement} */ element, /** @type {Record<string, number>} */ lengths) => {
        for (const [name, length] of Object.entries(lengths)) element.style.setProperty(name, `${length}px`);
    };
    set(board, { left: x, top: y, width: size.width * scale, height: size.height * scale });
    const [reach, at] = [brush.radius.value * scale, brush.at.value];
    set(ring, { left: x + at.x * scale - reach, top: y + at.y * scale - reach, width: 2 * reach, height: 2 * reach });
}

/**
 * @param {HTMLElement} node
 * @param {() => void} work
 */
function watchSize(node, work) {
    const watching = new ResizeObserver(work);
    watching.observe(node);
    ended(() => watching.disconnect());
}

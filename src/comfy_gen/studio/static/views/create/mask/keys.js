/** The keyboard's way to paint: arrows move the brush, space lowers it. */

import { listen } from '../../../core/dom.js';

/** @type {Record<string, [right: number, down: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const HELP =
    'Arrow keys move the brush, with Shift by a little. Space lowers and lifts it: while it is down, it paints. ' +
    'E erases, B paints. [ and ] change its size, + and - enlarge and reduce, 0 shows all. ' +
    'I inverts, Ctrl+Z undoes.';

/**
 * @param {import('./easel.js').Easel} easel
 * @param {import('./surface.js').Surface} surface
 * @param {import('./brush.js').Brush} brush
 */
export function heedKeys(easel, surface, brush) {
    const move = (/** @type {[number, number]} */ [right, down], /** @type {boolean} */ isFine) => {
        const step = isFine ? 1 : Math.max(1, brush.radius.peek() / 2);
        const { x, y } = brush.at.peek();
        brush.move({ x: kept(x + right * step, surface.mask.width), y: kept(y + down * step, surface.mask.height) });
    };
    /** @type {Record<string, () => void>} */
    const plain = {
        ' ': () => (brush.isDown.peek() ? brush.lift() : brush.press(brush.at.peek())),
        b: () => {
            brush.isErasing.value = false;
        },
        e: () => {
            brush.isErasing.value = true;
        },
        i: surface.invert,
        '[': () => brush.resize(1 / 1.25),
        ']': () => brush.resize(1.25),
        '+': () => easel.zoom(1.25),
        '=': () => easel.zoom(1.25),
        '-': () => easel.zoom(1 / 1.25),
        0: easel.fit,
    };
    listen(easel.node, 'keydown', (event) => {
        const [arrow, act] = [ARROWS[event.key], plain[event.key.toLowerCase()]];
        if (event.ctrlKey || event.metaKey || event.altKey || (!arrow && !act)) return;
        event.preventDefault();
        easel.isSeen.value = true;
        if (arrow) move(arrow, event.shiftKey);
        else if (!event.repeat || event.key !== ' ') act?.();
    });
    listen(easel.node, 'blur', brush.lift);
}

/**
 * @param {number} value
 * @param {number} length
 */
const kept = (value, length) => Math.max(0, Math.min(length, value));

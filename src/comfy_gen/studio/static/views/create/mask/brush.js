/** What a mask is painted with: which tool, how large, and where it is. */

import { batch, signal } from '../../../core/signals.js';

/** @typedef {import('./coverage.js').Point} Point */
/** @typedef {import('./surface.js').Surface} Surface */

/**
 * @param {Surface} surface
 */
export function makeBrush(surface) {
    const { width, height } = surface.mask;
    const longest = Math.max(width, height);
    const isErasing = signal(false);
    const radius = signal(Math.max(2, Math.round(longest / 24)));
    const at = signal(/** @type {Point} */ ({ x: width / 2, y: height / 2 }));
    const isDown = signal(false);
    const most = Math.max(8, Math.round(longest / 4));

    const draw = (/** @type {Point} */ from, /** @type {Point} */ to) =>
        surface.draw(from, to, radius.peek(), isErasing.peek());
    return {
        isErasing,
        radius,
        /** Where it is, in points of the mask. */
        at,
        /** Whether it touches the picture. */
        isDown,
        most,
        /** @param {Point} to */
        press(to) {
            surface.begin();
            batch(() => {
                at.value = to;
                isDown.value = true;
            });
            draw(to, to);
        },
        /** @param {Point} to */
        move(to) {
            const from = at.peek();
            at.value = to;
            if (isDown.peek()) draw(from, to);
        },
        lift() {
            if (!isDown.peek()) return;
            isDown.value = false;
            surface.finish();
        },
        /** Lift it, as if it had not touched the picture. */
        abandon() {
            if (!isDown.peek()) return;
            isDown.value = false;
            surface.abandon();
        },
        /** @param {number} factor */
        resize(factor) {
            const next = radius.peek() * factor;
            const whole = factor > 1 ? Math.ceil(next) : Math.floor(next);
            radius.value = Math.max(1, Math.min(most, whole));
        },
    };
}

/** @typedef {ReturnType<typeof makeBrush>} Brush */

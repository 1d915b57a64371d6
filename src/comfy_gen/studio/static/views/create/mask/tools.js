/** The tools above the easel. */

import { h, uniqueId } from '../../../core/dom.js';
import { button } from '../../../parts/buttons.js';

/**
 * @param {import('./easel.js').Easel} easel
 * @param {import('./surface.js').Surface} surface
 * @param {import('./brush.js').Brush} brush
 */
export function toolbar(easel, surface, brush) {
    const tool = (
        /** @type {string} */ label,
        /** @type {'brush' | 'erase'} */ icon,
        /** @type {boolean} */ isErasing,
    ) =>
        button({
            label,
            icon,
            pressed: () => brush.isErasing.value === isErasing,
            onclick: () => {
                brush.isErasing.value = isErasing;
            },
        });
    const bare = (
        /** @type {string} */ label,
        /** @type {import('../../../parts/icons.js').IconName} */ icon,
        /** @type {() => void} */ onclick,
        disabled = () => false,
    ) => button({ label, icon, isBare: true, kind: 'quiet', onclick, disabled });
    return h(
        'div',
        { class: 'create-mask-tools', role: 'group', 'aria-label': 'Tools' },
        h('div', { class: 'row tight' }, tool('Brush', 'brush', false), tool('Eraser', 'erase', true)),
        size(brush),
        h(
            'div',
            { class: 'row tight' },
            bare('Undo', 'undo', surface.undo, () => !surface.steps.value.done),
            bare('Redo', 'redo', surface.redo, () => !surface.steps.value.undone),
            button({ label: 'Invert', icon: 'compare', kind: 'quiet', onclick: surface.invert }),
            button({
                label: 'Clear',
                icon: 'trash',
                kind: 'quiet',
                onclick: surface.clear,
                disabled: () => !surface.share.value,
            }),
        ),
        h(
            'div',
            { class: 'row tight' },
            bare('Reduce', 'minus', () => easel.zoom(1 / 1.5)),
            bare('Enlarge', 'add', () => easel.zoom(1.5)),
            button({ label: 'Show all', icon: 'zoom', kind: 'quiet', onclick: easel.fit }),
        ),
    );
}

/** @param {import('./brush.js').Brush} brush */
function size(brush) {
    const id = uniqueId('size');
    return h(
        'div',
        { class: 'create-mask-size' },
        h('label', { for: id }, 'Size'),
        h('input', {
            id,
            type: 'range',
            min: '1',
            max: String(brush.most),
            value: () => String(brush.radius.value),
            'aria-valuetext': () => `${2 * brush.radius.value} points across`,
            oninput: (/** @type {any} */ event) => {
                brush.radius.value = Number(event.target.value);
            },
        }),
    );
}

/** A picture among a workflow's parameters. */

import { h } from '../../core/dom.js';
import { field } from '../../parts/fields.js';
import { pictureBox } from './picture_box.js';

/**
 * @param {string} label
 * @param {import('../../parts/fields.js').Bound<unknown>} bound What inputs are told; undefined for none.
 * @param {import('../../parts/fields.js').FieldOptions} options
 */
export function picturePlace(label, bound, options) {
    /** @type {Map<string, string>} What people call those that were chosen here. */
    const labels = new Map();
    const box = pictureBox(label, {
        get value() {
            const name = bound.value;
            return typeof name === 'string' && name ? { name, label: labels.get(name) ?? '' } : null;
        },
        set value(picture) {
            if (picture) labels.set(picture.name, picture.label);
            bound.value = picture?.name;
        },
    });
    return field(label, ({ id }) => h('div', { id }, box.node), options);
}

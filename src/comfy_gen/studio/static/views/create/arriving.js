/** Takes in what an address asks for: a picture to go on from, a category, a workflow, a preset. */

import { get } from '../../core/api.js';
import { go, place } from '../../core/router.js';
import { effect, untracked } from '../../core/signals.js';
import { report, say } from '../../parts/toasts.js';
import { change } from './draft.js';
import { draftOf, firstPicture } from './earlier.js';
import { fromGallery } from './image.js';
import { inserted } from './reading.js';

/** @typedef {import('./kit.js').Kit} Kit */

/**
 * Take it in, and clean the address: a reload does not take it in again.
 * @param {Kit} kit
 * @param {(preset: string) => void} load Called once the presets are known.
 */
export function arriving(kit, load) {
    effect(() => {
        const { view, query } = place.value;
        const said = Object.fromEntries(query);
        if (view !== 'create' || !Object.keys(said).length) return;
        untracked(() => {
            go('create', {}, { replace: true });
            takeIn(kit, said, load).catch(report);
        });
    });
}

/**
 * @param {Kit} kit
 * @param {Record<string, string>} said
 * @param {(preset: string) => void} load
 */
async function takeIn(kit, { from, as, category, workflow, preset, image }, load) {
    if (workflow) kit.choose(workflow);
    if (image) change({ inputImage: { name: image, label: image.split('/').pop() ?? image }, mask: null });
    if (category) {
        const text = kit.draft.text.peek();
        change({ text: inserted(text, `@${category}`, text.length).text });
    }
    if (preset) load(preset);
    if (from) await goOnFrom(from, as ?? 'settings');
}

/**
 * @param {string} id
 * @param {string} as
 */
async function goOnFrom(id, as) {
    const generation = /** @type {Wire<'Generation'>} */ (await get(`/library/${encodeURIComponent(id)}`));
    if (as === 'input') {
        const picture = firstPicture(generation);
        if (!picture) return say('There is no picture in it to start from.');
        change({ inputImage: await fromGallery(picture.id, generation.title || picture.filename), mask: null });
        return say('The picture is the one to start from now.');
    }
    const { workflows } = /** @type {Wire<'Workflows'>} */ (await get('/workflows'));
    const names = workflows.map((one) => one.name);
    change(draftOf(generation, { workflows: names, isSame: as !== 'vary' }));
    return say(as === 'vary' ? 'Its settings are here, with another seed each time.' : 'All its settings are here.');
}

/** Drives `openai`, of whose resources we have images and models: node openai.mjs URL [keyed KEY]. */

import OpenAI, { toFile } from 'openai';
import { MASK, PNG } from './graphs.mjs';
import { sumOf, tried, triedTogether } from './told.mjs';

const [address, mode, word] = process.argv.slice(2);
const clientOf = (apiKey) => new OpenAI({ apiKey, baseURL: `${address}/v1`, maxRetries: 0 });
const { images, models, chat } = clientOf('any');

const model = 'gpt-image-1';
const asked = { model, prompt: 'a lighthouse at dusk', size: '256x256' };
const older = { ...asked, model: 'dall-e-2' };
const inline = { response_format: 'b64_json' };
const picture = () => toFile(PNG, 'red.png', { type: 'image/png' });
const mask = () => toFile(MASK, 'mask.png', { type: 'image/png' });

const KINDS = { '89504e47': 'png', 52494646: 'webp', ffd8ffe0: 'jpeg' };
const kindOf = (content) => KINDS[content.subarray(0, 4).toString('hex')];
const contentOf = async ({ b64_json, url }) =>
    Buffer.from(url ? await (await fetch(url)).arrayBuffer() : Buffer.from(b64_json, 'base64'));

async function pictureOf(one) {
    const content = await contentOf(one);
    return { by: Object.keys(one), kind: kindOf(content), ...sumOf(content) };
}

async function shown({ created, data, ...rest }) {
    return { ...rest, created: typeof created, data: await Promise.all(data.map(pictureOf)) };
}

async function eventsOf(stream) {
    const told = [];
    for await (const { type, b64_json, partial_image_index: index, usage } of stream)
        told.push({ type, index, usage: typeof usage, kind: kindOf(await contentOf({ b64_json })) });
    return told;
}

async function keyed() {
    await tried('without a key', () => images.generate(asked));
    await tried(
        'with a key',
        () => clientOf(word).images.generate(asked),
        ({ data }) => pictureOf(data[0]),
    );
}

const trying = () =>
    triedTogether({
        'models.list': [() => models.list(), ({ data }) => data.map(({ id, object }) => [id, object])],
        'models.retrieve': [() => models.retrieve(model), (one) => ({ ...one, created: typeof one.created })],
        'models.retrieve of none': () => models.retrieve('no-such-model'),
        'images.generate': [() => images.generate(asked), shown],
        'images.generate by an older model': [() => images.generate(older), shown],
        'images.generate by an older model, inline': [() => images.generate({ ...older, ...inline }), shown],
        'images.generate without a model': [() => images.generate({ ...asked, model: undefined, ...inline }), shown],
        'images.generate by a checkpoint': [
            () => images.generate({ ...asked, model: 'tiny_sd15.ckpt', ...inline }),
            shown,
        ],
        'images.generate of two': [() => images.generate({ ...asked, n: 2 }), shown],
        'images.generate as WebP': [
            () => images.generate({ ...asked, output_format: 'webp', output_compression: 60 }),
            shown,
        ],
        'images.generate of a quality': [
            () => images.generate({ ...asked, quality: 'low', background: 'opaque', moderation: 'low', user: 'me' }),
            shown,
        ],
        'images.generate as a stream': [
            () => images.generate({ ...asked, quality: 'high', stream: true, partial_images: 2 }),
            eventsOf,
        ],
        'images.edit': [async () => images.edit({ ...asked, image: await picture() }), shown],
        'images.edit with a mask': [
            async () => images.edit({ ...asked, image: [await picture()], mask: await mask() }),
            shown,
        ],
        'images.edit as a stream': [
            async () => images.edit({ ...asked, image: await picture(), stream: true, partial_images: 1 }),
            eventsOf,
        ],
        'images.createVariation': [
            async () => images.createVariation({ image: await picture(), ...older, prompt: undefined, ...inline }),
            shown,
        ],
        'images.generate without a prompt': () => images.generate({ model }),
        'images.generate of no size': () => images.generate({ ...asked, size: 'huge' }),
        'images.generate of too many': () => images.generate({ ...asked, n: 99 }),
        'images.generate by no model': () => images.generate({ ...asked, model: 'no-such-model' }),
        'chat.completions.create': () => chat.completions.create({ model, messages: [] }),
    });

await (mode === 'keyed' ? keyed() : trying());

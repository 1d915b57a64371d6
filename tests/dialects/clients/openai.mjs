/** Drives `openai`, of which we speak images and models: node openai.mjs URL MODEL. */

import OpenAI, { toFile } from 'openai';
import { PNG } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether } from './told.mjs';

const [address, model] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'no-key-is-needed', baseURL: `${address}/v1`, maxRetries: 0 });

const size = '256x256';
const prompt = 'a lighthouse at dusk';
const picture = () => toFile(PNG, 'red.png', { type: 'image/png' });

const kindOf = (bytes) =>
    bytes.subarray(1, 4).toString() === 'PNG'
        ? 'png'
        : bytes.subarray(8, 12).toString() === 'WEBP'
          ? 'webp'
          : bytes.subarray(0, 2).toString('hex');
const inline = ({ b64_json }) => Buffer.from(b64_json, 'base64');
const remote = async ({ url }) => Buffer.from(await (await fetch(url)).arrayBuffer());
const dataOf =
    (read) =>
    async ({ created, data, ...rest }) => ({
        ...rest,
        created: typeof created,
        data: await Promise.all(
            data.map(async (one) => ({
                keys: Object.keys(one).sort(),
                kind: kindOf(await read(one)),
                ...sumOf(await read(one)),
            })),
        ),
    });

async function eventsOf(stream) {
    const told = [];
    for await (const { type, b64_json, partial_image_index, output_format, usage } of await stream)
        told.push({ type, partial_image_index, output_format, usage, kind: kindOf(inline({ b64_json })) });
    return told;
}

const b64 = { response_format: 'b64_json' };

await triedTogether({
    'models.list': [() => client.models.list(), ({ data }) => data.map(({ id, object }) => [id, object])],
    'models.retrieve': [
        () => client.models.retrieve(model),
        ({ id, object, created, owned_by }) => ({ id, object, created: typeof created, owned_by: typeof owned_by }),
    ],
    'models.retrieve of none': () => client.models.retrieve('no-such-model'),
    'images.generate': [() => client.images.generate({ model, prompt, size, ...b64 }), dataOf(inline)],
    'images.generate by URL': [
        () => client.images.generate({ model, prompt, size, response_format: 'url' }),
        dataOf(remote),
    ],
    'images.generate of two': [() => client.images.generate({ model, prompt, size, n: 2, ...b64 }), dataOf(inline)],
    'images.generate of another format': [
        () => client.images.generate({ model, prompt, size, output_format: 'webp', output_compression: 60, ...b64 }),
        dataOf(inline),
    ],
    'images.generate without a model': [() => client.images.generate({ prompt, size, ...b64 }), dataOf(inline)],
    'images.generate of a quality': [
        () => client.images.generate({ model, prompt, size, quality: 'low', background: 'opaque', user: 'me', ...b64 }),
        dataOf(inline),
    ],
    'images.generate as a stream': [
        () => client.images.generate({ model, prompt, size, stream: true, partial_images: 2 }),
        eventsOf,
    ],
    'images.edit': [
        async () => client.images.edit({ model, image: await picture(), prompt, size, ...b64 }),
        dataOf(inline),
    ],
    'images.edit with a mask': [
        async () =>
            client.images.edit({ model, image: [await picture()], mask: await picture(), prompt, size, ...b64 }),
        dataOf(inline),
    ],
    'images.edit as a stream': [
        async () =>
            client.images.edit({ model, image: await picture(), prompt, size, stream: true, partial_images: 1 }),
        eventsOf,
    ],
    'images.createVariation': [
        async () => client.images.createVariation({ image: await picture(), size, ...b64 }),
        dataOf(inline),
    ],
    'images.generate without a prompt': () => client.images.generate({ model }),
    'images.generate of no size': () => client.images.generate({ model, prompt, size: 'huge' }),
    'images.generate of too many': () => client.images.generate({ model, prompt, n: 99 }),
    'images.generate by no model': () => client.images.generate({ model: 'no-such-model', prompt }),
    'chat.completions.create': () => client.chat.completions.create({ model, messages: [] }),
});
tell('end', true, { result: null });

/** Drives `comfy-ui-client`: node comfy-ui-client.mjs HOST[/PATH] [begin | resume ID]. */

import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComfyUIClient } from 'comfy-ui-client';
import { copied, endless, impossible, PNG, picture, sampled } from './graphs.mjs';
import { sumOf, tell, tried, triedTogether, until } from './told.mjs';

const [address, mode, jobId] = process.argv.slice(2);
const client = new ComfyUIClient(address.replace('http://', ''), crypto.randomUUID());

const imagesOf = async (images) =>
    Object.fromEntries(
        await Promise.all(
            Object.entries(images).map(async ([id, all]) => [
                id,
                await Promise.all(
                    all.map(async ({ blob, image }) => ({ ...image, ...sumOf(await blob.arrayBuffer()) })),
                ),
            ]),
        ),
    );

const isRunning = async (id) => (await client.getQueue()).queue_running.some((item) => item[1] === id);
const isDone = async (id) => id in (await client.getHistory(id));

async function asking() {
    await triedTogether({
        getEmbeddings: () => client.getEmbeddings(),
        getExtensions: [() => client.getExtensions(), Array.isArray],
        getSystemStats: [() => client.getSystemStats(), ({ system, devices }) => ({ ...system, devices })],
        getPrompt: () => client.getPrompt(),
        getObjectInfo: [() => client.getObjectInfo(), (all) => Object.keys(all).length],
        'getObjectInfo of one': [() => client.getObjectInfo('SaveImage'), (all) => Object.keys(all)],
        'getHistory of nobody': () => client.getHistory('00000000-0000-4000-8000-000000000000'),
        'getQueue when idle': () => client.getQueue(),
        viewMetadata: () => client.viewMetadata('checkpoints', 'nowhere.safetensors'),
    });
}

async function making() {
    const images = await tried('getImages', () => client.getImages(sampled()), imagesOf);
    const folder = await mkdtemp(join(tmpdir(), 'comfy-ui-client-'));
    await tried(
        'saveImages',
        () => client.saveImages(images, folder),
        async () => sumOf(await readFile(join(folder, images[9][0].image.filename))),
    );
    const { prompt_id } = await tried('queuePrompt', () => client.queuePrompt(picture()));
    await until(() => isDone(prompt_id));
    await tried(
        'getHistory',
        () => client.getHistory(prompt_id),
        (all) => all[prompt_id],
    );
    await tried('queuePrompt of what cannot be', () => client.queuePrompt(impossible()));
}

async function uploading() {
    const sent = await tried('uploadImage', () => client.uploadImage(PNG, 'red.png', true));
    await tried(
        'getImage of an upload',
        () => client.getImage(sent.name, sent.subfolder, sent.type),
        async (blob) => sumOf(await blob.arrayBuffer()),
    );
    await tried('getImages from an upload', () => client.getImages(copied(sent.name)), imagesOf);
    await tried('uploadMask', () => client.uploadMask(PNG, 'mask.png', { ...sent, filename: sent.name }, true));
}

async function stopping() {
    const { prompt_id } = await client.queuePrompt(endless());
    await until(() => isRunning(prompt_id));
    await tried(
        'getQueue',
        () => client.getQueue(),
        ({ queue_running }) => queue_running.map((item) => item.slice(0, 4)),
    );
    await tried('interrupt', () => client.interrupt());
    await until(() => isDone(prompt_id));
    await tried(
        'getHistory of the interrupted',
        () => client.getHistory(prompt_id),
        (all) => all[prompt_id].status,
    );
    await tried('editHistory', () => client.editHistory({ delete: [prompt_id] }));
    await tried('getHistory of the forgotten', () => client.getHistory(prompt_id));
}

async function begin() {
    await client.connect();
    const { prompt_id } = await client.queuePrompt(sampled({ steps: 100 }));
    await until(() => isRunning(prompt_id));
    tell('begun', true, { result: prompt_id });
}

async function resume() {
    await tried('getQueue or getHistory after the crash', async () => (await isRunning(jobId)) || isDone(jobId));
    await until(() => isDone(jobId));
    const { outputs } = (await client.getHistory(jobId))[jobId];
    const [image] = outputs[9].images;
    const content = () => client.getImage(image.filename, image.subfolder, image.type);
    await tried('getImage after the crash', content, async (blob) => sumOf(await blob.arrayBuffer()));
}

if (mode === 'begin') await begin();
else if (mode === 'resume') await resume();
else {
    await tried('getImages without a socket', () => client.getImages(picture()));
    await tried('connect', () => client.connect());
    await asking();
    await making();
    await uploading();
    await stopping();
    await tried('disconnect', () => client.disconnect());
}

/** Small workflows, which a sandbox and a real ComfyUI with the tiny models run. */

const CHECKPOINT = 'tiny_sd15.ckpt';

const node = (class_type, inputs) => ({ class_type, inputs });

/** Return a number that no other workflow has, so that nothing of this one was made before. */
export const fresh = () => Math.floor(Math.random() * 2 ** 24);

/** Paint a plain picture and save it. */
export function picture({ color = fresh(), prefix = 'picture' } = {}) {
    return {
        1: node('EmptyImage', { width: 16, height: 16, batch_size: 1, color }),
        2: node('SaveImage', { images: ['1', 0], filename_prefix: prefix }),
    };
}

/** Sample from a text. */
export function sampled({ steps = 4, seed = fresh(), prefix = 'sampled' } = {}) {
    const links = { model: ['4', 0], positive: ['6', 0], negative: ['7', 0], latent_image: ['5', 0] };
    const settings = { seed, steps, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 };
    return {
        3: node('KSampler', { ...settings, ...links }),
        4: node('CheckpointLoaderSimple', { ckpt_name: CHECKPOINT }),
        5: node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 }),
        6: node('CLIPTextEncode', { text: 'a cat', clip: ['4', 1] }),
        7: node('CLIPTextEncode', { text: 'bad', clip: ['4', 1] }),
        8: node('VAEDecode', { samples: ['3', 0], vae: ['4', 2] }),
        9: node('SaveImage', { images: ['8', 0], filename_prefix: prefix }),
    };
}

/** Sample for longer than anybody waits: to be stopped. */
export const endless = () => sampled({ steps: 10_000, prefix: 'endless' });

/** Save an uploaded picture again. */
export function copied(image) {
    return {
        1: node('LoadImage', { image }),
        2: node('SaveImage', { images: ['1', 0], filename_prefix: 'copied' }),
    };
}

/** Name a checkpoint that is nowhere. */
export function impossible() {
    const graph = sampled();
    graph[4].inputs.ckpt_name = 'nowhere.safetensors';
    return graph;
}

/** A picture to upload: red, eight by eight. */
export const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP8z4AdMOEQH6QSAM1BAQ/oQeJvAAAAAElFTkSuQmCC',
    'base64',
);

/** A mask for it: transparent, which is where it may be painted over. */
export const MASK = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAD0lEQVR4nGNgGAUMDAwMAAEIAAGRKR9tAAAAAElFTkSuQmCC',
    'base64',
);

import type { Model } from '../models.js';
import {
  type Delivered,
  type Exchange,
  type PictureTask,
  partOf,
  type SpeechTask,
  type TranscriptionTask,
} from '../task.js';

/** Pictures, in the format of Model Studio's own API. */
export function pictures(model: Model, { prompt, count }: PictureTask, { id }: Delivered): Exchange {
  return {
    request: { model: model.name, input: { prompt }, parameters: { size: '1328*1328', n: count } },
    response: {
      request_id: id,
      output: {
        task_status: 'SUCCEEDED',
        results: Array.from({ length: count }, (_, index) => ({ url: `https://pictures.example/${id}/${index}.png` })),
      },
    },
    usage: { image_count: count, width: 1328, height: 1328 },
  };
}

/** Text to speech. */
export function speech(model: Model, { text }: SpeechTask, { share, id }: Delivered): Exchange {
  return {
    request: { model: model.name, input: { text }, parameters: { voice: 'longxiaochun_v2', format: 'mp3' } },
    response: { request_id: id, output: { audio: `https://audio.example/${id}.mp3` } },
    usage: { characters: partOf(text, share).length },
  };
}

/** Speech to text. */
export function transcription(model: Model, { seconds, text }: TranscriptionTask, { share, id }: Delivered): Exchange {
  return {
    request: {
      model: model.name,
      input: { audio: `https://audio.example/${id}.wav` },
      parameters: { format: 'wav', sample_rate: 16_000 },
    },
    response: {
      request_id: id,
      output: { sentence: { begin_time: 0, end_time: Math.round(seconds * share * 1000), text: partOf(text, share) } },
    },
    usage: { duration: Math.max(1, Math.ceil(seconds * share)) },
  };
}

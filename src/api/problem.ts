import { z } from 'zod';
import { AppError } from '../errors.ts';

/** AppError `unprocessable` for one field of the body, with what to write there instead. */
export function wrongField(name: string, detail: string): AppError {
  return new AppError('unprocessable', undefined, { problems: [{ pointer: `#/${name}`, detail }] });
}

/** Problem details (RFC 9457), as every failure of the management API is told. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Names the kind of problem.', example: 'about:blank' }),
    title: z.string().meta({ example: 'Unprocessable Entity' }),
    status: z.int().meta({ example: 422 }),
    code: z.string().meta({ description: 'Our own name of the problem.', example: 'unprocessable' }),
    detail: z.string(),
    request_id: z.string().meta({ description: 'What our log calls this request.' }),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .optional()
            .meta({ description: 'The field of the body (RFC 6901).', example: '#/name' }),
          parameter: z.string().optional().meta({ description: 'The parameter of path or query.' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({
    id: 'Problem',
    example: {
      type: 'about:blank',
      title: 'Unprocessable Entity',
      status: 422,
      code: 'unprocessable',
      detail: 'Some fields are wrong',
      request_id: '3f1c1f6e-6a0a-4f6c-8a56-0d6f6f0a7c11',
      errors: [{ pointer: '#/name', detail: 'write a name' }],
    },
  });

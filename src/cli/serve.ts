import type { Command } from 'commander';
import type { Io } from './io.ts';
import { developmentIssuer } from './issuer.ts';
import { harmless } from './terminal-text.ts';

/** Adds `postern serve`: runs the server until it is interrupted. */
export function register(program: Command, io: Io): void {
  program
    .command('serve')
    .description('run the server; settings come from the environment')
    .action(() => serve(io));
}

async function serve(io: Io): Promise<void> {
  const interruption = io.interruption();
  const [{ loadConfig }, { createLog }, { startApp }, development] = await Promise.all([
    import('../config.ts'),
    import('../log.ts'),
    import('../app.ts'),
    import('../development.ts'),
  ]);
  const config = loadConfig(io.env);
  const log = createLog({ level: config.logLevel });
  const showMail = (text: string) => io.say(`\n${text.split('\n').map(harmless).join('\n')}`);
  const running = await startApp(config, log, { showMail });
  log.info({ issuer: running.issuer, host: config.host, port: running.port }, 'listening');
  if (config.mode === 'development') greet(io, running.issuer, development);
  if (!interruption.aborted) await new Promise((resolve) => interruption.addEventListener('abort', resolve));
  log.info('stopping');
  await running.stop();
  log.info('stopped');
}

type Development = typeof import('../development.ts');

function greet(io: Io, issuer: string, { demoApi, demoMachine, demoResource, demoUser }: Development): void {
  const title = (text: string) => io.paint('bold', text);
  // The other terminal has the settings of this one only where somebody gives it them.
  const there = issuer === developmentIssuer ? '' : ` --issuer ${issuer}`;
  io.say(`
${title('Postern is ready')}

  ${title('Server')}      ${issuer}
  ${title('Metadata')}    ${issuer}/.well-known/oauth-authorization-server
  ${title('Enter code')}  ${issuer}/device
  ${title('Sign-in')}     ${demoUser.email}  /  ${demoUser.password}

Commands to paste into another terminal:

  ${title('A token for a machine')}
  curl -u ${demoMachine.id}:${demoMachine.secret} -d grant_type=client_credentials ${issuer}/oauth/token

  ${title('Sign this terminal in, as a device')}
  bin/postern login${there}

  ${title('What an API learns of that token')}
  curl -u ${demoApi.id}:${demoApi.secret} -d token=$(bin/postern token) ${issuer}/oauth/introspect

  ${title('A token of your own, that lasts')}
  bin/postern login --manage${there}
  bin/postern tokens create example --permission "${demoResource.uri}=read"

Ctrl-C stops it.
`);
}

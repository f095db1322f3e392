/** Where there is one person and no sign-in. */
export const singleUser = {
  mode: 'Single-user mode',
  onlyHere:
    'There is no sign-in on this server. Open it in a browser on its own machine, under its own address:',
};

/** Files that are imported as text are compiled into the binary. */
declare module "*.example" {
  const text: string;
  export default text;
}

/**
 * What each shell runs when Tab is pressed: it hands the words up to the cursor to `meshctl __complete`, which prints a
 * candidate a line, `word<tab>about`, or `:files` where the shell is to look for files itself.
 */

/**
 * Words are taken from the line itself, as bash splits `agent:tool` and `--flag=value` into several; what readline holds
 * for the beginning of the word is cut off again.
 */
const bash = `_meshctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current candidate reply tab=$'\\t'
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ "$candidate" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("\${candidate%%$tab*}")
  done < <(meshctl __complete -- "\${words[@]:1}" 2>/dev/null)
  local cut=""
  if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then cut="\${current%"\${current##*:}"}"; fi
  if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then cut="\${current%"\${current##*=}"}"; fi
  local i
  for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]="\${COMPREPLY[i]#"$cut"}"; done
}
complete -F _meshctl meshctl`

const zsh = `#compdef meshctl
_meshctl() {
  local -a candidates words_now
  local line word about
  words_now=("\${(@)words[2,CURRENT]}")
  for line in "\${(@f)$(meshctl __complete -- "\${(@Q)words_now}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    if [[ "$line" == ":files" ]]; then
      _files
      return
    fi
    word="\${line%%$'\\t'*}"
    about=""
    [[ "$line" == *$'\\t'* ]] && about="\${line#*$'\\t'}"
    candidates+=("\${word//:/\\\\:}\${about:+:$about}")
  done
  (( \${#candidates} )) && _describe -V 'meshctl' candidates
}
compdef _meshctl meshctl`

const fish = `function __meshctl_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (meshctl __complete -- $words[2..-1] 2>/dev/null)
  if test "$lines[1]" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $lines
  end
end
complete -c meshctl -f -k -a '(__meshctl_complete)'`

export const scripts: Readonly<Record<string, string>> = { bash, zsh, fish }

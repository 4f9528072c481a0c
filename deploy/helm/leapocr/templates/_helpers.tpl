{{- define "leapocr.labels" -}}
app.kubernetes.io/name: leapocr
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "leapocr.pod" -}}
{{- $v := .root.Values -}}
metadata:
  labels:
    {{- include "leapocr.labels" . | nindent 4 }}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ add (default 30 .grace) 15 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile:
      type: RuntimeDefault
  {{- with $v.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .role }}
      image: "{{ $v.image.repository }}:{{ $v.image.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args:
        - serve
        - --role
        - {{ .role }}
        - --node
        - $(POD_NAME)
        {{- range .args }}
        - {{ . | quote }}
        {{- end }}
      env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: LEAPOCR_SECRETS
          value: /run/leapocr
      envFrom:
        - configMapRef:
            name: {{ .root.Release.Name }}
        - secretRef:
            name: {{ $v.credentialsSecret }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      {{- if eq .role "api" }}
      ports:
        - name: http
          containerPort: 8080
      startupProbe:
        httpGet: {path: /livez, port: http}
        periodSeconds: 1
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /livez, port: http}
        timeoutSeconds: 5
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 2
        timeoutSeconds: 5
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        - {name: scratch, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        - {name: keys, mountPath: /run/leapocr, readOnly: true}
  volumes:
    - name: scratch
      emptyDir:
        sizeLimit: {{ $v.scratch }}
    - name: tmp
      emptyDir: {}
    - name: keys
      secret:
        secretName: {{ $v.keysSecret }}
        defaultMode: 0440
{{- end }}
